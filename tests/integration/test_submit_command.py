"""``chengxin submit``: what a department is told about the file it handed in."""

import io
import re
from pathlib import Path

import pytest
from rich.console import Console
from tests.databases import Place
from tests.integration.commands import Done, chengxin
from tests.integration.paper import REGISTER, SOURCE, penalty, write_csv
from tests.unit.files_as_sent import sheet, workbook

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


def number_in(done: Done) -> str:
    found = re.search(r"R-\d{8}-\d+", done.out + done.err)
    assert found, done
    return found[0]


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


def test_a_column_that_nothing_reads_is_named(tmp_path: Path) -> None:
    rows = [penalty(1, 备注="一次说明", 处罚内容="另一种写法", CF_CFWSH="另一个文号")]
    done = handed_in(write_csv(tmp_path / "p.csv", rows), "--json")
    assert done.code == 0, done.err
    assert "没有用到的列: 备注、处罚内容、CF_CFWSH" in done.err
    assert done.json["reading"]["unused"] == ["备注", "处罚内容", "CF_CFWSH"]
    again = chengxin("receipt", done.json["submission"], "--json")
    assert again.json == {**done.json, "state": "done", "problem": None}
    assert "没有用到的列: 备注、处罚内容、CF_CFWSH" in again.err


def test_a_sheet_that_is_not_read_is_named(tmp_path: Path) -> None:
    rows = [list(penalty(2)), list(penalty(2).values())]
    file = tmp_path / "p.xlsx"
    file.write_bytes(workbook(sheet(rows, "一月"), sheet([*rows, *rows[1:]], "二月")))
    done = handed_in(file)
    assert "只读取了工作表“一月”，未读取：二月。" in done.err
    assert "reading" not in done.out, "the numbers are what is looked for"
    assert "reading:" in chengxin("receipt", number_in(done)).out


def test_a_column_that_only_the_mapping_knows_is_named(tmp_path: Path) -> None:
    mapping = written(
        tmp_path / "m.yaml",
        "item: xzcf\ntitle: 台账\ncolumns:\n  CF_XDR_MC: {from: 单位}\n  CF_NR: {from: 处理请况}\n"
        "  CF_WSH: {first_of: [文号, 编号]}\n",
    )
    done = handed_in(written(tmp_path / "p.csv", "单位,处理情况,文号\n某公司,罚款,1号\n"), "--mapping", str(mapping))
    assert done.code == 1, done.err
    assert "没有用到的列: 处理情况" in done.err
    assert "字段映射所列、文件中没有的列: 处理请况\n" in done.err, "one of several to choose from is enough"


def test_a_file_without_rows_says_so(tmp_path: Path) -> None:
    done = handed_in(written(tmp_path / "p.csv", ",".join(penalty()) + "\n"), "--json")
    assert done.code == 0
    assert "文件只有表头，没有数据行。" in done.err
    assert done.json["reading"]["notes"] == [
        {"zh": "文件只有表头，没有数据行。", "en": "The file has a header and no rows."}
    ]


def test_a_sheet_named_for_a_file_without_sheets_is_mentioned(tmp_path: Path) -> None:
    done = handed_in(write_csv(tmp_path / "p.csv", [penalty(3)]), "--sheet", "一月")
    assert done.code == 0
    assert "指定的工作表“一月”没有用到" in done.err


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "字段映射文件打不开：No such file or directory。"),
        ("item: xzcf\ntitle: 台账\ncolumns: {CF_XDR_MC: {from: 单位}}\n".encode("gb18030"), "另存为 UTF-8 编码"),
        (b"", "文件是空的，缺少这些项"),
    ],
)
def test_a_mapping_file_that_cannot_be_read_says_why(tmp_path: Path, content: bytes | None, said: str) -> None:
    mapping = tmp_path / "m.yaml"
    if content is not None:
        mapping.write_bytes(content)
    done = handed_in(write_csv(tmp_path / "p.csv", [penalty(4)]), "--mapping", str(mapping), "--json")
    assert (done.code, done.json["refusal"]["rule"]) == (2, "mapping.invalid")
    assert said in done.err


def test_a_folder_given_as_mapping_is_refused(tmp_path: Path) -> None:
    done = handed_in(write_csv(tmp_path / "p.csv", [penalty(4)]), "--mapping", str(tmp_path))
    assert done.code == 2
    assert "字段映射文件打不开：Is a directory。" in done.err


@pytest.mark.parametrize("header", ["甲列,乙列,丙列", "文号,乙列,丙列"])
def test_a_mapping_for_another_file_names_the_headers_it_looked_for(tmp_path: Path, header: str) -> None:
    mapping = written(
        tmp_path / "m.yaml",
        "item: xzcf\ntitle: 台账\ncolumns:\n  CF_XDR_MC: {from: 单位全称}\n  CF_WSH: {from: 文号}\n",
    )
    done = handed_in(written(tmp_path / "p.csv", f"{header}\n1,2,3\n"), "--mapping", str(mapping))
    assert done.code == 2
    assert "字段映射“台账”要找的表头" in done.err
    assert "单位全称" in done.err
    assert "--mapping" not in done.err, "there is one already"


def test_a_file_of_another_item_says_what_is_needed_and_which_item_it_is(tmp_path: Path) -> None:
    done = handed_in(write_csv(tmp_path / "p.csv", [penalty(5)]), item="xzxk")
    assert done.code == 2
    assert "没有找到事项“行政许可”（xzxk）的表头" in done.err
    assert "XK_WSH" in done.err
    assert "文件的表头与这些事项相符：xzcf（" in done.err
    labels = "行政相对人名称,行政处罚决定书文号,处罚内容\n示例公司,1号,罚款\n"
    done = handed_in(written(tmp_path / "q.csv", labels), item="xzxk")
    assert "、xzcf（" in done.err
    assert "xzcf-archive（" in done.err


def test_the_refusal_of_a_file_without_a_header_shows_none_of_its_cells(tmp_path: Path) -> None:
    cells = "甲,未按规定排放废水的事实,某某路,某某\n乙,罚款二百元,某某路,某某\n"
    done = handed_in(written(tmp_path / "p.csv", cells))
    assert done.code == 2
    assert not re.search("废水|罚款|某某", done.err)
    done = handed_in(write_csv(tmp_path / "q.csv", [penalty(5)]), item="xzxk")
    assert not re.search("废水|澜州|没收", done.err)


def test_a_command_written_wrongly_is_one_json_object_too(tmp_path: Path) -> None:
    done = chengxin("submit", str(tmp_path / "p.csv"), "--json")
    assert done.code == 2
    assert done.json["refusal"]["rule"] == "command.usage"
    assert "--item" in done.json["refusal"]["what"]["zh"]
    assert "Usage" in done.err


def test_a_fault_of_the_platform_is_one_json_object_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(code: str) -> None:
        raise ZeroDivisionError("by nothing")

    monkeypatch.setattr(sources, "ensure", fail)
    done = handed_in(tmp_path / "p.csv", "--json")
    assert done.code == 3
    assert done.json["refusal"]["rule"] == "platform.failure"
    assert "ZeroDivisionError: by nothing" in done.err


def test_a_broken_overlay_is_no_fault_of_the_file(tmp_path: Path, settings) -> None:
    settings.CATALOGUE_OVERLAYS = [tmp_path]
    done = handed_in(write_csv(tmp_path / "p.csv", [penalty(6)]), "--json")
    assert (done.code, done.json["refusal"]["rule"]) == (3, "platform.catalogue")
    assert "补充目录缺少 overlay.yaml" in done.err
    asked = chengxin("catalogue", "check", "--json")
    assert (asked.code, asked.json["refusal"]["rule"]) == (2, "catalogue.overlay")


def test_a_command_that_is_interrupted_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(code: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(sources, "ensure", interrupt)
    done = handed_in(tmp_path / "p.csv", "--json")
    assert (done.code, done.json["refusal"]["rule"]) == (3, "platform.interrupted")
