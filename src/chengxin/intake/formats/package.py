"""Package (工作簿部件): the parts of a workbook, and cells handed to the reader of workbooks a few at a time."""

import io
import posixpath
import zipfile
from collections.abc import Callable, Iterator, Sequence
from typing import BinaryIO, TypeVar
from xml.etree import ElementTree

from python_calamine import CalamineError, CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

from chengxin.intake.formats.archive import unpack
from chengxin.intake.formats.markup import Unusual
from chengxin.intake.formats.refusals import refuse
from chengxin.kernel.refusal import Refusal

_T = TypeVar("_T")
_BOOK, _LINKS, _STYLES = "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml"
_FRAME = ("[Content_Types].xml", "_rels/.rels", _BOOK, _LINKS, _STYLES)
_FRAME_BYTES = 4 << 20
_SHARED = "xl/sharedStrings.xml"
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


class Package:
    """A workbook by its parts. Raises Unusual where they do not lie where programs put them."""

    def __init__(self, data: BinaryIO) -> None:
        self._data = data
        self._archive = zipfile.ZipFile(data)
        members = {info.filename: info for info in self._archive.infolist()}
        if not all(name in members for name in (_BOOK, _LINKS)):
            raise Unusual("parts")
        kept = [members[name] for name in _FRAME if name in members]
        if sum(info.file_size for info in kept) > _FRAME_BYTES:
            raise Unusual("styles")
        self._frame = {info.filename: b"".join(unpack(data, info)) for info in kept}
        self._paths = self._find_paths()
        self._members = members

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
        return self.part(_SHARED) if _SHARED in self._members else iter(())

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

    def _find_paths(self) -> dict[str, str]:
        """Sheet name → member of the archive."""
        try:
            book, links = (ElementTree.fromstring(self._frame[name]) for name in (_BOOK, _LINKS))
        except ElementTree.ParseError:
            raise Unusual("XML") from None
        targets = {link.get("Id"): link.get("Target", "") for link in links}
        paths = {
            sheet.get("name", ""): posixpath.normpath(posixpath.join("/xl", targets[sheet.get(_ID)])).lstrip("/")
            for sheet in book.iterfind("{*}sheets/{*}sheet")
            if sheet.get(_ID) in targets
        }
        if not paths:
            raise Unusual("sheets")
        return paths
