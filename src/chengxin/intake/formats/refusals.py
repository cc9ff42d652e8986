"""Refused files (文件不予受理): what can be wrong with a file as a whole, said once, in both languages."""

import re
from collections.abc import Sequence

from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text

BASIS = "docs/reference/formats.md"

_RESAVE = Text(
    "请用原程序打开该文件，另存为 UTF-8 编码的 CSV 或 .xlsx 后重新报送。",
    "Open the file in the program it came from, save it as CSV (UTF-8) or .xlsx, and send it again.",
)
_RESEND = Text("请重新导出完整文件后再报送。", "Export the complete file again and send it.")

WHAT: dict[str, tuple[Text, Text]] = {
    "file.empty": (
        Text(
            "文件为空：0 字节、只有空白，或没有一条记录。",
            "The file is empty: no bytes, only blanks, or not a single record.",
        ),
        Text(
            "请检查导出步骤，报送含表头的文件；没有数据时只保留表头即可。",
            "Check the export; a file with a header and no rows is fine.",
        ),
    ),
    "file.too-large": (
        Text("文件大小 {found} 字节，超过上限 {limit} 字节。", "The file has {found} bytes; the limit is {limit}."),
        Text("请拆分为多个文件分别报送。", "Split it and send the parts one by one."),
    ),
    "file.format": (
        Text(
            "内容不是可读取的表格，而是 {found}（按文件内容判断，与扩展名无关）。",
            "The content is not a table we read but {found} (told by content, not by the name's ending).",
        ),
        _RESAVE,
    ),
    "file.xls": (
        Text(
            "这是旧版 Excel 97–2003 工作簿（.xls），不读取。",
            "This is an old Excel 97–2003 workbook (.xls), which is not read.",
        ),
        Text(
            "请在 Excel 或 WPS 中打开，另存为 .xlsx 后重新报送。",
            "Open it in Excel or WPS, save it as .xlsx, and send it again.",
        ),
    ),
    "file.encrypted": (
        Text("工作簿有打开密码，无法读取。", "The workbook is protected by a password and cannot be read."),
        Text("请取消打开密码后另存，再报送。", "Remove the password, save, and send it again."),
    ),
    "file.compressed": (
        Text("文件是压缩包（{found}）。", "The file is an archive ({found})."),
        Text("请先解压，报送其中的表格文件。", "Unpack it and send the table inside."),
    ),
    "file.truncated": (
        Text("文件不完整或已损坏，{detail}", "The file is incomplete or damaged: {detail}"),
        _RESEND,
    ),
    "file.bomb": (
        Text(
            "压缩内容解开后为 {found} 字节（上限 {limit}，压缩比上限 {ratio}:1），为保护系统未打开。",
            "Unpacked it holds {found} bytes (limit {limit}, at most {ratio}:1); to protect the system it was not opened.",
        ),
        Text("请改用 CSV 报送，或拆分为多个工作簿。", "Send it as CSV or split it into several workbooks."),
    ),
    "file.delimiter": (
        Text(
            "各列之间用的是全角逗号“，”，正文里也有，无法分辨单元格的边界。",
            "The columns are separated by wide commas “，”, which also stand in sentences: nobody can say where a cell ends.",
        ),
        Text(
            "请在表格软件中另存为“CSV UTF-8（逗号分隔）”，或改用工作簿报送。",
            "Save it from a spreadsheet as “CSV UTF-8 (comma separated)”, or send the workbook itself.",
        ),
    ),
    "file.nested": (
        Text("列表或对象嵌套超过 {limit} 层。", "Lists or objects are nested more than {limit} levels deep."),
        Text(
            "请按一条记录一个对象、字段值为文本的形式重新导出。",
            "Export again with one object a record and texts as values.",
        ),
    ),
    "file.sheet-too-large": (
        Text(
            "工作表占 {found} 个单元格（行×列），上限 {limit}。",
            "The sheet spans {found} cells (rows × columns); the limit is {limit}.",
        ),
        Text(
            "请改用 CSV 报送（CSV 不限行数），或删除表格以外的零散单元格。",
            "Send it as CSV (no limit on rows), or remove stray cells outside the table.",
        ),
    ),
    "file.encoding": (
        Text(
            "文件按 {encoding} 读取，但第 {line} 行（字节位置 {offset}）不是合法的 {encoding} 字符；"
            "文件可能由不同编码拼接而成。",
            "The file reads as {encoding}, but line {line} (byte {offset}) is not valid {encoding}; "
            "it may have been joined from files of different encodings.",
        ),
        _RESAVE,
    ),
    "file.quotes": (
        Text(
            '从第 {row} 行起的一条记录吞并了后面的行，或超过 {limit} 字节：多半是引号（"）没有成对。',
            "From row {row} on one record swallows the rows after it, or is longer than {limit} bytes: "
            'most likely a quotation mark (") is never closed.',
        ),
        Text(
            '请检查该行的引号，单元格内的引号应写成两个（""）。',
            'Check that row; a quote inside a cell is written twice ("").',
        ),
    ),
    "file.syntax": (
        Text(
            "不是合法的 {format}（第 {place} 行/字节处）：{detail}", "Not valid {format} (line/byte {place}): {detail}"
        ),
        _RESEND,
    ),
    "file.too-many-columns": (
        Text("表格有 {found} 列，上限 {limit} 列。", "The table has {found} columns; the limit is {limit}."),
        Text("请只保留需要报送的列。", "Keep only the columns to be sent."),
    ),
    "file.duplicate-header": (
        Text("表头重复：{names}。", "The same header stands over several columns: {names}."),
        Text(
            "请删除或改名重复的列，使每列含义唯一。",
            "Remove or rename the repeated columns so that each means one thing.",
        ),
    ),
    "file.layout": (
        Text(
            "没有找到可识别的表头。文件前部像表头的文字：{found}",
            "No known header was found. What looks like a header: {found}",
        ),
        Text(
            "请使用国家统一的字段编码或字段名称作表头，或为该文件提供字段映射（--mapping）。",
            "Use the national field codes or labels as header, or give a mapping for this file (--mapping).",
        ),
    ),
    "file.sheet": (
        Text(
            "文件中没有名为“{sheet}”的工作表或数组；现有：{sheets}。",
            "There is no sheet or array “{sheet}”; there are: {sheets}.",
        ),
        Text("请改用现有的名称。", "Use one of these names."),
    ),
}


def refuse(rule: str, *, where: Text | None = None, **values: object) -> Refusal:
    """The refusal for one of the rules above, its places filled."""
    what, remedy = WHAT[rule]
    return Refusal(
        rule, what.format(**values), where=where or Text("整个文件", "the whole file"), basis=BASIS, remedy=remedy
    )


_LOOKED_AT = 3
_HEADER_LIKE = re.compile(
    r"名称|姓名|名$|编?号|码|日期|时间|年月|类|型|机关|单位|部门|内容|事由|事实|依据|结果|金额|罚款|地址|住所|电话|备注|序|标题|状态"
    r"|来源|地区|区划|范围|资本|说明|网址|情况|^[A-Za-z][A-Za-z_ ]{1,30}$"
)


class UnknownLayout(Refusal):
    """No header row was found (``file.layout``). ``rows`` are the first rows of the file, for whoever can say more of
    them; they are not part of the refusal: it is kept and shown, and they may speak of a person."""

    def __init__(self, rows: Sequence[Sequence[str]]) -> None:
        shown = "｜".join(header_like(rows)) or Text("（没有像表头的文字）", "nothing like a header")
        told = refuse("file.layout", found=shown)
        super().__init__(told.rule, told.what, where=told.where, basis=told.basis, remedy=told.remedy)
        self.rows = rows


def unknown_layout(found: list[list[str]]) -> UnknownLayout:
    """No header row: shows what may have been meant as one, and no other cell."""
    return UnknownLayout(found)


def header_like(rows: Sequence[Sequence[str]]) -> list[str]:
    """The cells that look like headers of the row that has most of them; none where most of that row is something else,
    so that data are not taken for a header."""
    best: list[str] = []
    for row in rows[:_LOOKED_AT]:
        texts = [" ".join(cell.split()) for cell in row if cell.strip()]
        like = [text for text in texts if _is_header_like(text)]
        if len(like) > len(best) and len(like) * 2 >= len(texts):
            best = like
    return best[:20]


def _is_header_like(text: str) -> bool:
    return len(text) <= 24 and not re.search(r"\d{3}", text) and _HEADER_LIKE.search(text) is not None
