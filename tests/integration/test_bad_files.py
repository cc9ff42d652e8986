"""Files that cannot be read are refused with what, where and what to do (不予受理的文件)."""

import io
import re
import struct
import zipfile
from pathlib import Path

import pytest
from tests.unit.files_as_sent import HEADERS, ROW, cells, csv_bytes, known, opened, rewritten, sheet, workbook

from chengxin.intake.formats import Limits, open_source
from chengxin.intake.formats.refusals import WHAT
from chengxin.kernel.refusal import Refusal

PNG = b"\x89PNG\r\n\x1a\n" + b"\x00\x00\x00\rIHDR" + bytes(range(256)) * 8
OLE2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(4000)


def _zip(**members: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/"), content)
    return out.getvalue()


def _lying_bomb() -> bytes:
    """A member that unpacks to 64 MiB while the directory says 10 bytes."""
    content = bytearray(
        rewritten(workbook(sheet([HEADERS, ROW])), "xl/worksheets/sheet1.xml", lambda body: body + b" " * (64 << 20))
    )
    at = content.rfind(b"xl/worksheets/sheet1.xml")
    central = content.rfind(b"PK\x01\x02", 0, at)
    content[central + 24 : central + 28] = struct.pack("<I", 10)
    return bytes(content)


def _shared_text_bomb() -> bytes:
    """A text of 3 MB to which 2,000 cells point: 6 GB once every cell has its copy."""
    long = "案" * 1_000_000
    content = workbook(sheet([HEADERS, *[("LONG", *ROW[1:])] * 2000]))
    return rewritten(content, "xl/sharedStrings.xml", lambda body: body.replace(b"LONG", long.encode()))


BOOK = workbook(sheet([HEADERS, *[ROW] * 200]))

BAD: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", "file.empty"),
    "only blanks": (b" \r\n\t\r\n", "file.empty"),
    "an array of nothing": (b"[]", "file.empty"),
    "only a byte order mark": (b"\xef\xbb\xbf\r\n", "file.empty"),
    "only delimiters": (b",,,,\r\n,,,,\r\n", "file.empty"),
    "an image named .xlsx": (PNG, "file.format"),
    "a document": (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "file.format"),
    "a web page named .xls": (
        b"<html><body><table><tr><td>\xe7\x94\xb2</td></tr></table></body></html>",
        "file.format",
    ),
    "noise": (bytes((n * 7919) % 256 for n in range(5000)), "file.format"),
    "an old .xls": (OLE2, "file.xls"),
    "a workbook with a password": (OLE2 + "EncryptedPackage".encode("utf-16-le"), "file.encrypted"),
    "a gzip archive": (b"\x1f\x8b\x08\x00" + bytes(50), "file.compressed"),
    "a zip of tables": (_zip(a__csv=b"x,y"), "file.compressed"),
    "another Office document": (
        _zip(**{"[Content_Types].xml": b"<Types/>", "word__document.xml": b"<w/>"}),
        "file.format",
    ),
    "half a workbook": (BOOK[: len(BOOK) // 2], "file.truncated"),
    "a workbook without its end": (BOOK[:-30], "file.truncated"),
    "a workbook with damaged content": (BOOK[:900] + bytes(200) + BOOK[1100:], "file.truncated"),
    "a workbook whose sheet is no XML": (
        rewritten(BOOK, "xl/worksheets/sheet1.xml", lambda body: body[: len(body) // 2]),
        "file.truncated",
    ),
    "a zip bomb": (
        rewritten(BOOK, "xl/worksheets/sheet1.xml", lambda body: body + b" " * (64 << 20)),
        "file.bomb",
    ),
    "a zip bomb that lies about its size": (_lying_bomb(), "file.bomb"),
    "a stray cell in the last row and column": (
        rewritten(
            BOOK,
            "xl/worksheets/sheet1.xml",
            lambda body: body.replace(
                b"</sheetData>", b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
            ),
        ),
        "file.sheet-too-large",
    ),
    "one long text shared by many cells": (_shared_text_bomb(), "file.bomb"),
    "a workbook of empty sheets": (workbook(sheet([]), sheet([], "2")), "file.empty"),
    "a workbook with another layout": (workbook(sheet([("姓名", "电话"), ("a", "b")])), "file.layout"),
    "another layout": (csv_bytes([("姓名", "电话", "住址"), ("a", "b", "c")]), "file.layout"),
    "prose": ("示例市人民政府关于信用体系建设的通知\n各区县：\n".encode() * 50, "file.layout"),
    "rows without header": (csv_bytes([ROW, ROW]), "file.layout"),
    "301 columns": (csv_bytes([(*HEADERS, *[f"列{n}" for n in range(295)])]), "file.too-many-columns"),
    "301 columns in a workbook": (
        workbook(sheet([(*HEADERS, *[f"列{n}" for n in range(295)])])),
        "file.too-many-columns",
    ),
    "the same header twice": (csv_bytes([(*HEADERS, "行政处罚决定书\n文号 ")]), "file.duplicate-header"),
    "the same header twice in a workbook": (workbook(sheet([(*HEADERS, "备注（必填）")])), "file.duplicate-header"),
    "an unclosed quote": (csv_bytes([HEADERS]) + b'"' + csv_bytes([ROW] * 40_000), "file.quotes"),
    "half a Parquet file": (b"PAR1" + bytes(100), "file.truncated"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_is_refused_with_what_where_and_what_to_do(name):
    content, rule = BAD[name]
    with pytest.raises(Refusal) as refused:
        cells(opened(content, "报送.xlsx"))
    assert refused.value.rule == rule
    for text in (refused.value.what, refused.value.where, refused.value.remedy):
        assert text.zh
        assert text.en
        assert "{" not in text.zh + text.en
    assert refused.value.basis


def test_long_texts_that_are_shared_by_few_cells_are_read():
    rows = [HEADERS, *[(f"示例{n}公司", *ROW[1:5], "案" * 32_000 if n < 3 else "罚款") for n in range(3000)]]
    assert len(cells(opened(workbook(sheet(rows)), limits=Limits(unpacked=32 << 20)))) == 3000


def test_three_hundred_columns_are_still_read():
    headers = (*HEADERS, *[f"列{n}" for n in range(294)])
    assert len(cells(opened(csv_bytes([headers, [str(n) for n in range(300)]])))[0]) == 301


def test_a_file_over_the_limit_is_refused_before_it_is_read():
    with pytest.raises(Refusal) as refused:
        open_source(io.BytesIO(csv_bytes([HEADERS, ROW])), "x.csv", known=known, limits=Limits(file=10))
    assert refused.value.rule == "file.too-large"
    assert "10" in refused.value.what.zh


def test_the_wrong_layout_says_what_was_found():
    with pytest.raises(Refusal) as refused:
        opened(csv_bytes([("姓名", "电话", "住址"), ("a", "b", "c")]))
    assert "姓名" in refused.value.what.zh


def test_a_file_without_header_is_refused_without_repeating_its_rows():
    """The refusal is kept and shown; the first row of such a file may speak of a person."""
    rows = [
        ("赵某某", "110101190001010000", "示例路1号", "罚款二百元"),
        ("钱某某", "110101190001010000", "示例路2号", "警告"),
    ]
    for content in (csv_bytes(rows), workbook(sheet(rows)), b'[{"110101190001010000": 1, "a": 2, "b": 3}]'):
        with pytest.raises(Refusal) as refused:
            opened(content)
        assert refused.value.rule == "file.layout"
        assert "某" not in str(refused.value.to_dict())
        assert "110101" not in str(refused.value.to_dict())


def test_a_sheet_that_does_not_exist_is_answered_with_those_that_do():
    with pytest.raises(Refusal) as refused:
        opened(BOOK, sheet="没有")
    assert refused.value.rule == "file.sheet"
    assert "Sheet1" in refused.value.what.zh


def test_the_same_header_twice_is_named_by_its_columns():
    with pytest.raises(Refusal) as refused:
        opened(csv_bytes([(*HEADERS, "备注")]))
    assert "F" in refused.value.what.zh
    assert "G" in refused.value.what.zh


def test_every_byte_cut_from_a_workbook_gives_a_refusal_and_never_a_crash():
    for cut in range(1, len(BOOK), 97):
        try:
            cells(opened(BOOK[:cut]))
        except Refusal:
            continue
        pytest.fail(f"cut at {cut} was read")


def test_flipped_bits_in_a_workbook_never_crash_the_reader():
    for at in range(30, len(BOOK), 61):
        harmed = bytearray(BOOK)
        harmed[at] ^= 0x41
        try:
            rows = cells(opened(bytes(harmed)))
        except Refusal:
            continue
        assert len(rows) <= 200


def test_every_refusal_stands_in_the_reference():
    page = (Path(__file__).parents[2] / "docs/reference/formats.md").read_text(encoding="utf-8")
    for rule in WHAT:
        assert f"| `{rule}` |" in page


def test_each_language_of_a_refusal_is_whole() -> None:
    chinese = re.compile("[\u4e00-\u9fff]")
    for rule, (what, remedy) in WHAT.items():
        for text in (what, remedy):
            assert not chinese.search(text.en), rule
    for data in (
        b"\x89PNG\r\n\x1a\n" + bytes(100),
        b"%PDF-1.7" + bytes(100),
        b'{"a": 1}\n{"a": 2}\n[3]\n',
        b"<html></html>",
    ):
        with pytest.raises(Refusal) as refused:
            list(open_source(io.BytesIO(data), "x.ndjson", known=lambda header: header == "a").batches(10))
        assert not chinese.search(refused.value.what.en), refused.value.what.en
        assert not re.search("image|document|object|page", refused.value.what.zh), refused.value.what.zh
