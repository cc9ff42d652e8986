"""Setup (初始化): makes the home folder, the database's tables and the log's key; safe to run again."""

from collections.abc import Mapping
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text
from chengxin.operations import logkey, rulebook
from chengxin.storage import space


def init() -> Mapping[str, object]:
    """Bring the installation into being or up to date: ``{home, database, catalogue, log}``."""
    Path(settings.HOME).mkdir(parents=True, exist_ok=True, mode=0o700)
    call_command("migrate", verbosity=0, interactive=False)
    return {
        "home": str(settings.HOME),
        "database": connection.vendor,
        "catalogue": rulebook.catalogue().digest,
        "log": logkey.verifier(),
    }


def require_initialised() -> None:
    """Raises Refusal ``platform.not-initialised`` when there is no database or its tables are older than the code."""
    if connection.vendor == "sqlite" and not Path(_database()).exists():
        raise _not_initialised()
    try:
        executor = MigrationExecutor(connection)
    except OperationalError as error:
        raise space.refusal(error, _database()) or _unreachable(error) from error
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        raise _not_initialised()


def _database() -> str:
    """The database as it is told apart: the file, or the name at its server."""
    return str(connection.settings_dict["NAME"])


def _unreachable(error: OperationalError) -> Refusal:
    remedy = Text("请核对 DATABASE_URL 以及数据库是否在运行", "check DATABASE_URL and that the server is running")
    if connection.vendor == "sqlite":
        remedy = Text(
            "请核对该文件及其所在文件夹的读写权限", "check that your user may read and write the file and its folder"
        )
    return Refusal(
        "platform.database",
        Text(f"数据库连不上：{error}", f"the database cannot be reached: {error}"),
        where=Text(_database(), _database()),
        remedy=remedy,
    )


def _not_initialised() -> Refusal:
    return Refusal(
        "platform.not-initialised",
        Text(
            "平台尚未初始化，或数据表早于当前版本",
            "the platform is not set up, or its tables are older than this version",
        ),
        where=Text(f"CHENGXIN_HOME = {settings.HOME}", f"CHENGXIN_HOME = {settings.HOME}"),
        remedy=Text("请先运行 chengxin init", "run chengxin init first"),
    )
