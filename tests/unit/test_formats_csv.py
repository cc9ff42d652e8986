"""CSV in (分隔文本)."""

import io

import pytest
from tests.unit.files_as_sent import HEADERS, ROW, cells, csv_bytes, known, opened

from chengxin.intake.formats import Limits, open_source
from chengxin.kernel.refusal import Refusal


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_encoding_and_delimiter_are_found(encoding, delimiter):
    reading = opened(csv_bytes([HEADERS, ROW], encoding=encoding, delimiter=delimiter))
    assert reading.columns == HEADERS
    assert reading.delimiter == delimiter
    assert cells(reading) == [(2, *ROW[:5], None)]


def test_a_rare_character_of_gb18030_is_read():
    row = ("㐀镇䶮某𠮷合作社", *ROW[1:])
    assert cells(opened(csv_bytes([HEADERS, row], encoding="gb18030")))[0][1] == row[0]


def test_a_byte_order_mark_does_not_hide_the_first_header():
    assert opened(csv_bytes([HEADERS, ROW], encoding="utf-8-sig")).columns[0] == "行政相对人名称"


def test_chinese_that_comes_late_still_decides_the_encoding():
    headers = ("CF_XDR_MC", "CF_WSH")
    ascii_rows = [("PLAIN LTD", f"NO-{number}") for number in range(90_000)]
    content = csv_bytes([headers, *ascii_rows, ("示例公司", "示罚〔2024〕1号")], encoding="gb18030")
    assert len(content) > 1 << 20
    reading = opened(content)
    assert reading.encoding == "gb18030"
    assert cells(reading)[-1] == (90_002, "示例公司", "示罚〔2024〕1号")


def test_the_header_is_found_under_a_title_and_the_row_numbers_stay_those_of_the_sender():
    rows = [("示例市行政处罚信息报送表",), (), ("填报单位：示例市市场监督管理局", "2024年5月"), HEADERS, ROW, ROW]
    reading = opened(csv_bytes(rows))
    assert reading.header_row == 4
    assert [row[0] for row in cells(reading)] == [5, 6]


def test_filling_instructions_below_the_header_are_no_data_and_are_mentioned():
    guidance = ("必填，不超过200字", "必填，18位字符", "必填", "日期格式YYYY/MM/DD", "选填", "")
    reading = opened(csv_bytes([HEADERS, guidance, ROW]))
    assert [row[0] for row in cells(reading)] == [3]
    assert "第 2 行" in reading.notes[0].zh


def test_a_row_of_field_codes_below_the_labels_is_a_second_header():
    codes = ("CF_XDR_MC", "CF_XDR_SHXYM", "CF_WSH", "CF_JDRQ", "CF_NR_FK", "BZ")
    reading = opened(csv_bytes([HEADERS, codes, ROW]))
    assert reading.columns == HEADERS
    assert [row[0] for row in cells(reading)] == [3]


def test_a_first_data_row_that_speaks_of_instructions_is_kept():
    row = ("示例市说明书印刷厂", ROW[1], ROW[2], ROW[3], ROW[4], "请见附件")
    assert [r[1] for r in cells(opened(csv_bytes([HEADERS, row])))] == ["示例市说明书印刷厂"]


def test_line_breaks_and_quotes_inside_cells_do_not_shift_row_numbers():
    broken = (ROW[0], ROW[1], ROW[2], ROW[3], ROW[4], '第一行\r\n第二行，“说”"是"\n')
    reading = opened(csv_bytes([HEADERS, broken, ROW, broken, ROW]))
    found = cells(reading)
    assert [row[0] for row in found] == [2, 3, 4, 5]
    assert found[0][-1] == broken[-1]


def test_headers_with_line_breaks_and_stars_are_shown_clean():
    headers = ("行政相对人\n名称*", *HEADERS[1:])
    reading = opened(csv_bytes([headers, ROW]))
    assert reading.columns[0] == "行政相对人 名称*"
    assert len(cells(reading)) == 1


def test_ragged_rows_are_counted_with_their_numbers_and_their_cells_are_not_kept():
    rows = [HEADERS, ROW, ROW[:3], (), (*ROW, "多一格", "再多一格"), ROW]
    reading = opened(csv_bytes(rows))
    assert [row[0] for row in cells(reading)] == [2, 6]
    assert [(bad.row, bad.expected, bad.found) for bad in reading.ragged] == [(3, 6, 3), (5, 6, 8)]
    assert "多一格" not in repr(reading.ragged)


def test_reading_twice_gives_the_same_rows_and_counts():
    reading = opened(csv_bytes([HEADERS, ROW, ROW[:2], ROW], encoding="gb18030"))
    first, ragged = cells(reading), list(reading.ragged)
    assert (cells(reading), reading.ragged) == (first, ragged)


def test_row_numbers_hold_over_many_blocks_with_ragged_and_blank_rows_in_between():
    rows, expected, ragged = [HEADERS], [], []
    for number in range(2, 20_002):
        if number % 97 == 0:
            rows.append(("只有一格",))
            ragged.append(number)
        elif number % 89 == 0:
            rows.append(())
        else:
            rows.append((f"示例{number}公司", "", "文\n号", "", "", str(number)))
            expected.append(number)
    reading = opened(csv_bytes(rows), limits=Limits(row=4096))
    found = cells(reading, rows=1000)
    assert [row[0] for row in found] == expected
    assert [int(str(row[-1])) for row in found] == expected
    assert [bad.row for bad in reading.ragged] == ragged


def test_a_batch_has_no_more_rows_than_asked_for():
    reading = opened(csv_bytes([HEADERS, *[ROW] * 1000]))
    assert [batch.num_rows for batch in reading.batches(300)] == [300, 300, 300, 100]


def test_formulas_and_commands_stay_plain_text():
    row = ("=cmd|'/c calc'!A1", "+1+1", "@SUM(A1)", "-2", "=1+1", "\t=x")
    assert cells(opened(csv_bytes([HEADERS, row])))[0][1:] == row


def test_numbers_are_not_touched():
    row = (ROW[0], "000123456789012345", "00012", "20240507", "1.50", "1E5")
    assert cells(opened(csv_bytes([HEADERS, row])))[0][1:] == row


def test_a_nul_byte_in_a_cell_reaches_the_checks():
    row = ("甲\x00乙公司", *ROW[1:])
    assert cells(opened(csv_bytes([HEADERS, row, *[ROW] * 50])))[0][1] == "甲\x00乙公司"


def test_a_header_without_rows_is_an_empty_reading():
    assert cells(opened(csv_bytes([HEADERS]))) == []


def test_the_last_row_needs_no_line_end():
    assert len(cells(opened(csv_bytes([HEADERS, ROW]).rstrip()))) == 1


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_every_line_end_is_understood(end):
    assert len(cells(opened(csv_bytes([HEADERS, ROW, ROW], end=end)))) == 2


def test_columns_without_header_keep_the_others_in_place():
    rows = [("", *HEADERS, ""), ("来源甲", *ROW, "x")]
    reading = opened(csv_bytes(rows))
    assert reading.columns == ("", *HEADERS, "")
    assert cells(reading)[0][2] == ROW[0]


def test_a_header_nobody_reads_may_repeat():
    reading = opened(csv_bytes([(*HEADERS, "说明", "说明"), (*ROW, "1", "2")]))
    assert len(cells(reading)) == 1


def test_a_cell_of_one_megabyte_is_read():
    text = "案" * 350_000
    assert cells(opened(csv_bytes([HEADERS, (*ROW[:5], text)])))[0][-1] == text


@pytest.mark.parametrize(("first", "second"), [("utf-8", "gb18030"), ("gb18030", "utf-8")])
def test_a_file_that_changes_encoding_midway_is_refused_with_the_place(first, second):
    head = csv_bytes([HEADERS, *[ROW] * 20_000], encoding=first)
    tail = csv_bytes([("示例市丙丁建筑材料有限公司", *ROW[1:])] * 5, encoding=second)
    with pytest.raises(Refusal) as refused:
        cells(opened(head + tail))
    assert refused.value.rule == "file.encoding"
    assert "20002" in refused.value.where.zh
    offset = int(refused.value.where.en.rsplit(" ", 1)[1])
    assert len(head) <= offset <= len(head) + 40


def test_a_utf8_file_with_one_bad_byte_is_named_as_such_and_not_taken_for_gbk():
    content = csv_bytes([HEADERS, ROW, ROW]).replace("示市监".encode(), "示市".encode() + b"\xe7\x9b", 1)
    with pytest.raises(Refusal) as refused:
        cells(opened(content))
    assert refused.value.rule == "file.encoding"
    assert "UTF-8" in refused.value.what.zh
    assert "2" in refused.value.where.en


def test_a_quote_that_never_closes_is_refused_with_the_row():
    content = csv_bytes([HEADERS, *[ROW] * 300]) + '示例公司,"未闭合,,,,\n'.encode() + csv_bytes([ROW] * 3000)
    with pytest.raises(Refusal) as refused:
        cells(opened(content, limits=Limits(row=16_384)))
    assert refused.value.rule == "file.quotes"


@pytest.mark.parametrize("place", ["in the last cell", "in a middle cell", "in the last row but some"])
def test_rows_swallowed_by_a_stray_quote_do_not_vanish_without_a_word(place):
    """Two stray quotes some rows apart make one cell of everything between them."""
    headers = (*HEADERS, *[f"列{number}" for number in range(6)])
    rows = [headers, *[(*ROW, "1", "2", "3", "4", "5", "6")] * 200]
    lines = csv_bytes(rows).decode().split("\r\n")
    if place == "in the last cell":
        lines[50], lines[60] = lines[50][:-1] + '"6', lines[60] + '"'
    elif place == "in a middle cell":
        lines[50], lines[60] = lines[50].replace(",2,", ',"2,'), lines[60].replace(",2,", ',2",')
    else:
        lines[190] = lines[190][:-1] + '"6'
    with pytest.raises(Refusal) as refused:
        cells(opened("\r\n".join(lines).encode()))
    assert refused.value.rule == "file.quotes"
    assert "51" in refused.value.where.zh or "191" in refused.value.where.zh


def test_a_cell_with_lines_of_prose_is_no_swallowed_row():
    text = "第一，查封；\n第二，罚款, 没收, 警告, 通报;\n第三，a,b"
    assert cells(opened(csv_bytes([HEADERS, (*ROW[:5], text)])))[0][-1] == text


def test_a_list_with_as_many_commas_as_the_table_is_no_swallowed_row():
    headers = (*HEADERS, *[f"列{number}" for number in range(6)])
    row = (*ROW, "1", "2", "3", "4", "5", "6")
    scope = "经营范围：\n办公用品,日用百货,五金,建材,服装,鞋帽,玩具,图书,家具,电器,花卉,工艺品\n以上项目凭许可证经营"
    assert len(cells(opened(csv_bytes([headers, row, (*row[:5], scope, *row[6:]), row])))) == 3


def test_the_reader_leaves_the_senders_file_open():
    data = io.BytesIO(csv_bytes([HEADERS, ROW]))
    list(open_source(data, "x.csv", known=known).batches())
    assert not data.closed


def test_wide_commas_between_columns_are_refused_with_what_to_do():
    with pytest.raises(Refusal) as refused:
        opened("，".join(HEADERS).encode() + b"\n" + "，".join(map(str, ROW)).encode())
    assert refused.value.rule == "file.delimiter"
    assert "UTF-8" in refused.value.remedy.zh


def test_blank_rows_of_any_length_and_the_sign_of_an_old_end_are_no_rows():
    reading = opened(csv_bytes([HEADERS, ROW]) + b',,\n"",\n , ,\n\x1a')
    assert len(cells(reading)) == 1
    assert reading.ragged == []
