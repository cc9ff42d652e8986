"""Mapping (字段映射): which column of a file is which field of an item; from the national layouts or a YAML file.

The language of the files is described in docs/reference/mapping.md.
"""

from collections.abc import Callable, Iterable, Sequence
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import ibis
import ibis.expr.types as ir

from chengxin.catalogue.model import Item, Layout
from chengxin.intake import normalise_dates
from chengxin.intake.formats.headers import header_key
from chengxin.intake.mapping_column import Column, filled
from chengxin.intake.mapping_file import Written, invalid, read
from chengxin.intake.mapping_misfit import lacking, mapping_misses, wrong_layout
from chengxin.kernel.text import Text

JOINER = ";"
"""Between the values of a field that a layout spreads over several columns."""
APPROXIMATE, STAND_INS = "approximate", "替代项"
"""Among the cells of a row to mend, and as a column of its file: ids of its fields (joined with ";") that something else
stands in for. Rows bring it along until they are stored."""


@dataclass(frozen=True)
class Report:
    """What a mapping made of a file's columns (识别结果): header → field (several joined with ";"), columns nothing
    reads, columns a mapping file names and the file lacks, fields nothing fills."""

    recognised: MappingOf[str, str]
    unused: tuple[str, ...]
    absent: tuple[str, ...]
    missing: tuple[str, ...]

    def to_dict(self) -> MappingOf[str, object]:
        return {
            "recognised": dict(self.recognised),
            "unused": list(self.unused),
            "absent": list(self.absent),
            "missing": list(self.missing),
        }


@dataclass(frozen=True)
class Mapping:
    """How the columns of a file fill the fields of an item.

    ``ignore`` are headers known and not used. ``strict`` mappings (the layouts) must find the party and the document
    number; one that somebody wrote for a foreign file needs the party only, and its rows are judged one by one.
    """

    id: str
    item: str
    title: Text
    columns: tuple[Column, ...]
    ignore: tuple[str, ...] = ()
    blanks: tuple[str, ...] = ()
    sheet: str | None = None
    strict: bool = True
    since_1904: bool = False
    """Bare day numbers in fields for a date count from 1904-01-01 instead of 1899-12-30 (工作簿的 1904 日期系统)."""

    @cached_property
    def _known(self) -> frozenset[str]:
        return frozenset(header_key(h) for column in self.columns for h in column.headers()) - {""}

    @property
    def headers(self) -> tuple[str, ...]:
        """Every header some field is read from, in the order of the mapping."""
        return tuple(dict.fromkeys(header for column in self.columns for header in column.headers()))

    def knows(self, header: str) -> bool:
        """Whether some field reads a column with this header."""
        return header_key(header) in self._known

    def hits(self, columns: Sequence[str]) -> int:
        """How many of the file's columns some field reads."""
        return len(self._read(columns))

    def apply(self, raw: ir.Table, columns: Sequence[str], item: Item) -> ir.Table:
        """The mapped table, see :func:`shape`.

        Fields marked ``personal: drop`` are looked at and not selected. Raises Refusal ``file.layout`` when the file
        does not say whom the rows are about, ``mapping.invalid`` when a field is none of the item's.
        """
        self.check(columns, item)
        keys = _keys(columns)
        by_field = {column.field: column for column in self.columns}
        cells: dict[str, ir.StringValue] = {}
        for field in item.all_fields:
            column = by_field.get(field.id)
            if column is None:
                cells[field.id] = ibis.null("string")
            else:
                cells[field.id] = column.expression(raw, column.positions(keys), self.blanks)
                if self.since_1904 and field.type == "date":
                    cells[field.id] = normalise_dates.from_1904(cells[field.id])
        stored = {field.id: cells[field.id].name(field.id) for field in item.stored_fields}
        person = item.role("person_id")
        given: ir.BooleanValue = ibis.literal(False)
        if person is not None and self._positions(person, keys):
            given = filled(cells[person])
        return raw.select(
            raw["row"], *stored.values(), person_id_given=given, approximate=self._approximate(raw, cells, keys, item)
        )

    def report(self, columns: Sequence[str], item: Item) -> Report:
        """What the receipt says about the columns."""
        read_by = self._read(columns)
        ignored = {header_key(header) for header in (*self.ignore, STAND_INS)}
        recognised = {columns[position]: ";".join(fields) for position, fields in sorted(read_by.items())}
        unused = tuple(
            header
            for position, header in enumerate(columns)
            if header and position not in read_by and header_key(header) not in ignored
        )
        present = self._filled(columns)
        missing = tuple(field.id for field in item.stored_fields if field.id not in present)
        return Report(recognised, unused, self._absent(columns), missing)

    def check(self, columns: Sequence[str], item: Item, layouts: Iterable[Layout] = ()) -> None:
        """Refuse a mapping that names a field the item lacks, or a file that lacks what every row needs; ``layouts`` of
        all items tell which one the file is for."""
        fields = {field.id for field in item.all_fields}
        for column in self.columns:
            if column.field not in fields:
                raise invalid(
                    self.id, f"columns.{column.field}", f"{item.id} 没有该数据项", f"{item.id} has no such field"
                )
        wanted = lacking(item, self._filled(columns), strict=self.strict)
        if wanted and self._absent(columns):
            raise mapping_misses(self.title, self._absent(columns), [columns])
        if wanted:
            raise wrong_layout(self.title, columns, item, wanted, layouts)

    def _positions(self, field: str, keys: MappingOf[str, int]) -> tuple[int, ...]:
        return next((c.positions(keys) for c in self.columns if c.field == field), ())

    def _read(self, columns: Sequence[str]) -> dict[int, list[str]]:
        """Position of a column → the fields that read it."""
        keys = _keys(columns)
        read_by: dict[int, list[str]] = {}
        for column in self.columns:
            for position in column.positions(keys):
                read_by.setdefault(position, []).append(column.field)
        return read_by

    def _absent(self, columns: Sequence[str]) -> tuple[str, ...]:
        """Headers somebody wrote into a mapping for this file and that are not there; the layouts name every spelling
        of a header that was ever met, so of theirs most are not."""
        if self.strict:
            return ()
        keys = _keys(columns)
        wanted = (header for column in self.columns for header in column.absent(keys))
        return tuple(dict.fromkeys(wanted))

    def _filled(self, columns: Sequence[str]) -> set[str]:
        constant = {column.field for column in self.columns if column.combine == "constant"}
        return constant.union(*self._read(columns).values())

    def _approximate(
        self, raw: ir.Table, cells: MappingOf[str, ir.StringValue], keys: MappingOf[str, int], item: Item
    ) -> ir.StringValue:
        stored = {field.id for field in item.stored_fields}
        place = keys.get(header_key(STAND_INS))
        listed = None if place is None else ibis.literal(";") + raw[f"c{place}"].fill_null("") + ";"
        together: ir.StringValue | None = None
        for column in self.columns:
            stands_in = column.stand_in and column.positions(keys)
            if column.field not in stored or not (stands_in or listed is not None):
                continue
            marked = filled(cells[column.field])
            if listed is not None and not stands_in:
                marked = listed.contains(f";{column.field};") & marked
            one = ibis.cases((marked, f";{column.field}"), else_="")
            together = one if together is None else together + one
        return ibis.null("string") if together is None else together.substr(1).nullif("")


def shape(item: Item) -> ibis.Schema:
    """What every mapped table of an item looks like: ``row``, every stored field as string (null where nothing fills it),
    ``person_id_given`` (a certificate number of the party stood in a column that is dropped) and ``approximate`` (ids of
    the fields filled by a stand-in, joined with ";", else null)."""
    cells = {field.id: "string" for field in item.stored_fields}
    return ibis.schema({"row": "int64", **cells, "person_id_given": "boolean", "approximate": "string"})


def choose(columns: Sequence[str], item: Item, layouts: Iterable[Layout]) -> Mapping:
    """The mapping of the layout that reads most of the file's columns; of equals the one without stand-ins, then the
    first. Raises Refusal ``file.layout`` when even that one lacks the party or the document number, and says which other
    item the file looks like where its layouts are given, too."""
    all_layouts = tuple(layouts)
    mappings = [from_layout(layout) for layout in all_layouts if layout.item == item.id]
    if not mappings:
        raise ValueError(f"{item.id} has no layout")
    best = min(
        enumerate(mappings),
        key=lambda pair: (-pair[1].hits(columns), any(column.stand_in for column in pair[1].columns), pair[0]),
    )[1]
    best.check(columns, item, all_layouts)
    return best


def from_layout(layout: Layout) -> Mapping:
    """A layout of the catalogue as a mapping."""
    columns = [
        Column(
            field,
            parts=(tuple(headers),),
            values=layout.values.get(field),
            stand_in=field in layout.stand_ins,
        )
        for field, headers in layout.headers.items()
    ]
    columns += [
        Column(
            field,
            parts=tuple(tuple(part) for part in parts),
            combine="join",
            joiner=JOINER,
            values=layout.values.get(field),
            stand_in=field in layout.stand_ins,
        )
        for field, parts in layout.joined.items()
    ]
    return Mapping(layout.id, layout.item, layout.title, tuple(columns), ignore=tuple(layout.drop))


def known_headers(layouts: Iterable[Layout]) -> Callable[[str], bool]:
    """Whether a header belongs to one of the layouts, for ``formats.open_source``; those they drop count too."""
    mappings = [from_layout(layout) for layout in layouts]
    dropped = {header_key(header) for mapping in mappings for header in mapping.ignore}
    keys = frozenset().union(dropped, *(mapping._known for mapping in mappings)) - {""}
    return lambda header: header_key(header) in keys


def load(path: Path, item: Item | None = None) -> Mapping:
    """A mapping from a YAML file, strictly: an unknown key, a key twice or a value of the wrong kind is refused with
    file and key (``mapping.invalid``); with ``item`` also a mapping for another item or with foreign fields."""
    written: Written = read(path)
    if item is not None:
        if written.item != item.id:
            raise invalid(path.name, "item", f"应为 {item.id}", f"should be {item.id}")
        fields = {field.id for field in item.all_fields}
        for column in written.columns:
            if column.field not in fields:
                raise invalid(
                    path.name, f"columns.{column.field}", f"{item.id} 没有该数据项", f"{item.id} has no such field"
                )
    return Mapping(
        id=path.stem,
        item=written.item,
        title=written.title,
        columns=written.columns,
        ignore=written.ignore,
        blanks=written.blanks,
        sheet=written.sheet,
        strict=False,
    )


def _keys(columns: Sequence[str]) -> dict[str, int]:
    keys: dict[str, int] = {}
    for position, header in enumerate(columns):
        key = header_key(header)
        if key:
            keys.setdefault(key, position)
    return keys
