"""The example city at the command line: what it prints lets other commands see the same city."""

import os
import shlex
import subprocess
import sys
from unittest.mock import patch

import pytest
from tests.databases import Place
from tests.integration.commands import Done, chengxin

from chengxin.catalogue.loader import load
from chengxin.operations import demo, demo_city


@pytest.fixture
def said(sqlite_database: Place, monkeypatch: pytest.MonkeyPatch) -> Done:
    """The demo on a port of its own, of a city that is built already."""
    plan = demo.Plan(1, "2026-11-21", 0, 0)
    monkeypatch.setattr(demo, "build", lambda **how: demo.City(plan, (), 0, 0, {}, ()))
    monkeypatch.setattr("chengxin.cli.service.run_service", lambda host, port, workers: None)
    with patch.dict(os.environ):
        return chengxin("demo", "--port", "8123")


def exported(said: Done) -> dict[str, str]:
    (line,) = [line for line in said.err.splitlines() if line.startswith("export ")]
    return dict(word.split("=", 1) for word in shlex.split(line)[1:])


def test_another_terminal_gets_the_same_city_from_the_line_that_is_printed(said: Done, sqlite_database: Place) -> None:
    told = exported(said)
    assert told["CHENGXIN_HOME"] == str(sqlite_database.home)
    bare = {name: value for name, value in os.environ.items() if not name.startswith("CHENGXIN_")}
    asked = (
        "from chengxin.web import settings as s; from chengxin.catalogue.loader import load; "
        "print(load(tuple(s.CATALOGUE_OVERLAYS)).digest, s.HOME, s.OPERATOR_CODE, s.SITE_NAME, s.SITE_URL)"
    )
    seen = subprocess.run([sys.executable, "-c", asked], env=bare | told, capture_output=True, text=True, check=True)
    assert seen.stdout.split() == [
        load((demo_city.OVERLAY,)).digest,
        str(sqlite_database.home),
        demo_city.CENTRE_CODE,
        "信用澜州（示例）",
        "http://127.0.0.1:8123",
    ]


def test_the_pages_of_the_city_name_the_port_they_are_served_on(said: Done) -> None:
    assert exported(said)["CHENGXIN_URL"] == "http://127.0.0.1:8123"
