"""Package (工作簿部件): the parts of a workbook, and cells handed to the reader of workbooks a few at a time."""

import io
import posixpath
import zipfile
from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO, TypeVar
from xml.etree import ElementTree

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from chengxin.intake.formats.archive import STRINGS, unpack
from chengxin.intake.formats.markup import Unusual
from chengxin.intake.formats.refusals import refuse
from chengxin.intake.formats.styles import cells_without_days, without_days
from chengxin.kernel.refusal import Refusal

_T = TypeVar("_T")
_BOOK, _LINKS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
_STYLES = "xl/styles.xml"
_FRAME = ("[content_types].xml", "_rels/.rels", _BOOK, _LINKS, _STYLES)
"""What a sheet is read with; the reader of workbooks looks for these names in whatever case they are written."""
_FRAME_BYTES = 4 << 20
_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


def guarded(step: Callable[[], _T]) -> _T:
    """Have the reader of workbooks do something; its every failure is a refusal."""
    try:
        return step()
    except CalamineError as fault:
        if "password" in str(fault).lower():
            raise refuse("file.encrypted") from None
        raise refuse("file.truncated", detail=type(fault).__name__) from None
    except BaseException as fault:
        # the reader is written in Rust; where a damaged file makes it panic, that is no Exception
        if type(fault).__name__ != "PanicException":
            raise
        raise refuse("file.truncated", detail="XLSX") from None


def worksheets(book: CalamineWorkbook) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names of the worksheets, and of those that are visible."""
    pages = [meta for meta in book.sheets_metadata if meta.typ == SheetTypeEnum.WorkSheet]
    visible = [meta.name for meta in pages if meta.visible == SheetVisibleEnum.Visible]
    return tuple(meta.name for meta in pages), tuple(visible)


def since_1904(data: BinaryIO) -> bool:
    """Whether days are counted from 1904-01-01, as programs on old Macintoshes did; what cannot be read counts as no."""
    with zipfile.ZipFile(data) as archive:
        member = next((info for info in archive.infolist() if info.filename.lower() == _BOOK), None)
        if member is None or member.file_size > _FRAME_BYTES:
            return False
        content = b"".join(unpack(data, member))
    try:
        properties = ElementTree.fromstring(content).find("{*}workbookPr")
    except ElementTree.ParseError:
        return False
    return properties is not None and properties.get("date1904") in ("1", "true", "on")


def monthly(data: BinaryIO, name: str) -> dict[int, dict[int, str]]:
    """Of a sheet that was loaded whole: its cells whose dates show no day, see ``styles.cells_without_days``.

    The reader of workbooks says of a date nothing about its style. Most workbooks have no such style and are not looked
    at any further.
    """
    members = {info.filename.lower(): info for info in zipfile.ZipFile(data).infolist()}
    if not {_BOOK, _LINKS, _STYLES} <= members.keys():
        return {}
    shown = without_days(unpack(data, members[_STYLES]))
    if not shown:
        return {}
    try:
        paths = _paths(*(b"".join(unpack(data, members[part])) for part in (_BOOK, _LINKS)))
    except Unusual:
        return {}
    sheet = members.get(paths.get(name, "").lower())
    return {} if sheet is None else cells_without_days(unpack(data, sheet), shown)


class Package:
    """A workbook by its parts. Raises Unusual where they do not lie where programs put them."""

    def __init__(self, data: BinaryIO) -> None:
        self._data = data
        self._members = {info.filename: info for info in zipfile.ZipFile(data).infolist()}
        kept = {name.lower(): info for name, info in self._members.items() if name.lower() in _FRAME}
        if not {_BOOK, _LINKS} <= kept.keys():
            raise Unusual("parts")
        if sum(info.file_size for info in kept.values()) > _FRAME_BYTES:
            raise Unusual("styles")
        parts = {name: b"".join(unpack(data, info)) for name, info in kept.items()}
        self._paths = _paths(parts[_BOOK], parts[_LINKS])
        self.without_days = without_days([parts[_STYLES]] if _STYLES in parts else [])
        """The styles whose dates show no day."""
        self._frame = {kept[name].filename: content for name, content in parts.items()}

    def worksheets(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        try:
            return worksheets(self._open({}))
        except Refusal:
            raise Unusual("frame") from None

    def path(self, name: str) -> str:
        """Where the sheet of this name lies."""
        if self._paths.get(name) not in self._members:
            raise Unusual("sheet")
        return self._paths[name]

    def part(self, path: str) -> Iterator[bytes]:
        return unpack(self._data, self._members[path])

    def shared_strings(self) -> Iterator[bytes]:
        """The part with the texts that cells point to; nothing where there is none."""
        path = next((name for name in self._members if name.lower() == STRINGS), None)
        return iter(()) if path is None else self.part(path)

    def values(self, cells: Sequence[bytes]) -> list[object]:
        """What the reader of workbooks makes of cells, each given as what follows ``<c`` up to ``</c>``.

        They are laid into a workbook of their own under each other, with the styles of this one. Cells may not point
        to shared strings. Raises Unusual where the reader does not take them.
        """
        rows = b"".join(b'<row r="%d"><c r="A%d"%b</c></row>' % (n, n, cell) for n, cell in enumerate(cells, 1))
        last = len(cells) + 1
        rows += b'<row r="%d"><c r="A%d" t="inlineStr"><is><t>.</t></is></c></row>' % (last, last)
        sheet = b"<worksheet><sheetData>%b</sheetData></worksheet>" % rows
        name, path = next(iter(self._paths.items()))
        try:
            found = guarded(lambda: list(self._open({path: sheet}).get_sheet_by_name(name).iter_rows()))
        except Refusal:
            # damaged or not: the full reader decides, and says what is wrong
            raise Unusual("cells") from None
        if len(found) != last:
            raise Unusual("cells")
        return [row[0] for row in found[:-1]]

    def _open(self, more: dict[str, bytes]) -> CalamineWorkbook:
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            for name, content in (self._frame | more).items():
                archive.writestr(name, content)
        out.seek(0)
        return guarded(lambda: CalamineWorkbook.from_filelike(out))


def _paths(book: bytes, links: bytes) -> dict[str, str]:
    """Sheet name → member of the archive."""
    try:
        named, linked = ElementTree.fromstring(book), ElementTree.fromstring(links)
    except ElementTree.ParseError:
        raise Unusual("XML") from None
    targets = {link.get("Id"): link.get("Target", "") for link in linked}
    paths = {
        sheet.get("name", ""): posixpath.normpath(posixpath.join("/xl", targets[sheet.get(_ID)])).lstrip("/")
        for sheet in named.iterfind("{*}sheets/{*}sheet")
        if sheet.get(_ID) in targets
    }
    if not paths:
        raise Unusual("sheets")
    return paths
