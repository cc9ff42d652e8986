"""``chengxin submit``: what a department is told about the file it handed in."""

import io
from pathlib import Path

import pytest
from rich.console import Console
from tests.databases import Place
from tests.integration.commands import Done, chengxin
from tests.integration.paper import REGISTER, SOURCE, write_csv

from chengxin.cli import output
from chengxin.kernel.text import Text
from chengxin.operations import sources
from chengxin.operations.submit import submit


@pytest.fixture(scope="module", autouse=True)
def installation(sqlite_database: Place, tmp_path_factory: pytest.TempPathFactory) -> None:
    for code in ("operator", SOURCE):
        sources.ensure(code)
    register = write_csv(tmp_path_factory.mktemp("register") / "register.csv", REGISTER)
    submit(path=register, item="djxx", source="operator")


def handed_in(file: Path, *options: str, item: str = "xzcf") -> Done:
    return chengxin("submit", str(file), "--item", item, "--source", SOURCE, *options)


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def test_brackets_in_a_header_are_shown_as_they_stand_in_the_file(tmp_path: Path) -> None:
    done = handed_in(written(tmp_path / "m.csv", "名称[/b],类型[bold],单位[red]甲,时间:warning:\n1,2,3,4\n"))
    assert done.code == 2, done.err
    for header in ("名称[/b]", "类型[bold]", "单位[red]甲", "时间:warning:"):
        assert header in done.err


def test_brackets_in_the_name_of_a_file_do_not_break_the_progress_bar(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Console(force_terminal=True, file=io.StringIO(), width=100)
    monkeypatch.setattr(output, "messages", terminal)
    with output.bar(Text("报送 [/b].csv", "submitting [/b].csv")) as report:
        report("read", 1, 2)
    assert "[/b].csv" in terminal.file.getvalue()
