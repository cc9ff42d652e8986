"""What every test stands on: a home folder that is not the user's, and databases of both kinds.

The home folder is set before Django reads its settings, so no test ever touches ./var.
"""

import atexit
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

_HOME = Path(tempfile.mkdtemp(prefix="chengxin-test-"))
atexit.register(shutil.rmtree, _HOME, ignore_errors=True)
os.environ["CHENGXIN_HOME"] = str(_HOME)
os.environ["DJANGO_SETTINGS_MODULE"] = "chengxin.web.settings"
for _name in ("DATABASE_URL", "CHENGXIN_OVERLAYS", "CHENGXIN_OPERATOR", "CHENGXIN_DEBUG"):
    os.environ.pop(_name, None)

import django  # noqa: E402 - after the environment is set

django.setup()

from tests.databases import Databases, Place  # noqa: E402 - after the environment is set

# how long an example takes says how busy the machine is
hypothesis.settings.register_profile("chengxin", deadline=None, print_blob=True)
hypothesis.settings.load_profile("chengxin")

_VENDORS = ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)]


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """The maker of databases; a test that wants several uses ``with databases.place("sqlite")``."""
    base = tmp_path_factory.getbasetemp()
    plans = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "plans"
    plans.mkdir(exist_ok=True)
    made = Databases(tmp_path_factory.mktemp("databases"), plans)
    yield made
    made.postgres.stop()


@pytest.fixture(scope="module", params=_VENDORS)
def database(request: pytest.FixtureRequest, databases: Databases, django_db_blocker) -> Iterator[Place]:
    """A migrated, empty database for this module, once on SQLite and once on PostgreSQL; tests of a module share it."""
    with django_db_blocker.unblock(), databases.place(request.param) as place:
        yield place


@pytest.fixture(params=_VENDORS)
def empty_database(request: pytest.FixtureRequest, databases: Databases, django_db_blocker) -> Iterator[Place]:
    """As ``database``, but fresh for every test."""
    with django_db_blocker.unblock(), databases.place(request.param) as place:
        yield place


@pytest.fixture(scope="module")
def sqlite_database(databases: Databases, django_db_blocker) -> Iterator[Place]:
    """A migrated, empty SQLite database for this module, where both kinds would only say the same twice."""
    with django_db_blocker.unblock(), databases.place("sqlite") as place:
        yield place


@pytest.fixture
def home(tmp_path: Path, settings) -> Path:
    """An empty home folder without a database, for one test."""
    settings.HOME = tmp_path
    return tmp_path
