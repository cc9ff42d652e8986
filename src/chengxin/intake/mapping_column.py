"""Column rules (列映射规则): where a field's cell comes from and what is done to it, as Ibis expressions.

Only plain renames touch every row of a large file; each step costs only the mappings that name it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import ibis
import ibis.expr.types as ir

from chengxin.intake.formats.headers import header_key

YUAN_TO_WAN = "yuan_to_wan"
_BLANK = r"[\s\x{00A0}\x{3000}]+"
_EDGES = rf"^{_BLANK}|{_BLANK}$"
_NONE = ibis.null("string")


@dataclass(frozen=True)
class Column:
    """How one field is filled.

    ``parts``: for each cell that goes in, the alternative headers of its column. ``combine``: ``one``, ``first`` (the
    first that gives something), ``join`` (all, with ``joiner`` between) or ``constant``. The steps that follow work on
    each cell, in the order they stand here. ``stand_in``: the field is recorded as approximate where it is filled.
    """

    field: str
    parts: tuple[tuple[str, ...], ...] = ()
    combine: str = "one"
    joiner: str = ""
    constant: str = ""
    stand_in: bool = False
    blanks: tuple[str, ...] = ()
    replace: tuple[tuple[str, str], ...] = ()
    pattern: str = ""
    split: tuple[str, int] | None = None
    values: Mapping[str, str] | None = None
    unit: str = ""

    def headers(self) -> tuple[str, ...]:
        """Every header the column answers to."""
        return tuple(header for part in self.parts for header in part)

    def positions(self, keys: Mapping[str, int]) -> tuple[int, ...]:
        """Positions of the columns it reads in a file whose header keys are given; alternatives by preference."""
        found: list[int] = []
        for part in self.parts:
            position = next((keys[header_key(h)] for h in part if header_key(h) in keys), None)
            if position is not None and position not in found:
                found.append(position)
        return tuple(found)

    def absent(self, keys: Mapping[str, int]) -> tuple[str, ...]:
        """Headers of the parts that nothing in the file answers to; of ``first`` one part is enough."""
        lacking = [part for part in self.parts if not any(header_key(header) in keys for header in part)]
        if self.combine == "first" and len(lacking) < len(self.parts):
            return ()
        return tuple(header for part in lacking for header in part)

    def expression(self, raw: ir.Table, positions: Sequence[int], blanks: tuple[str, ...] = ()) -> ir.StringValue:
        """The field's cell for every row of a raw table; null where nothing fills it."""
        if self.combine == "constant":
            return ibis.literal(self.constant)
        cells = [self._cell(raw[f"c{position}"], self.blanks + blanks) for position in positions]
        if not cells:
            return _NONE
        if self.combine == "join" and len(cells) > 1:
            return _joined(cells, self.joiner)
        return ibis.coalesce(*cells) if len(cells) > 1 else cells[0]

    def _cell(self, cell: ir.StringValue, blanks: tuple[str, ...]) -> ir.StringValue:
        if blanks:
            cell = ibis.cases((trimmed(cell).isin(blanks), _NONE), else_=cell)
        for pattern, replacement in self.replace:
            cell = cell.re_replace(pattern, replacement)
        if self.pattern:
            cell = cell.re_extract(self.pattern, 1)
        if self.split is not None:
            cell = _part(cell, *self.split)
        if self.values:
            core = trimmed(cell)
            cell = ibis.cases(*((core == sent, meant or _NONE) for sent, meant in self.values.items()), else_=cell)
        if self.unit == YUAN_TO_WAN:
            cell = yuan_to_wan(cell)
        shaped = self.replace or self.pattern or self.split is not None or self.combine != "one"
        return cell.nullif("") if shaped else cell


def trimmed(cell: ir.StringValue) -> ir.StringValue:
    """Without blanks at both ends, the ideographic and the no-break space included."""
    return cell.re_replace(_EDGES, "")


def filled(cell: ir.StringValue) -> ir.BooleanValue:
    """Whether something other than blanks stands in the cell; never NULL."""
    return (trimmed(cell).fill_null("") != "").fill_null(False)


def yuan_to_wan(cell: ir.StringValue) -> ir.StringValue:
    """An amount in yuan as 万元, exactly: decimals throughout, no binary fractions.

    Thousands separators, a currency sign before and 元 after are understood; a number before 万 is in 万元 already.
    What is no plain number stays as it is, with 元 behind it where it names no unit, so that nothing later takes
    yuan for 万元.
    """
    core = cell.re_replace(r"[\s,，\x{00A0}\x{3000}]", "").re_replace(r"^(人民币|RMB|CNY|￥|¥)", "")
    core = core.re_replace(r"(元整|元人民币|元|圆|整)$", "")
    plain = core.re_search(r"^\d{1,18}(\.\d{1,6})?$")
    in_wan = core.re_search(r"^\d{1,14}(\.\d{1,6})?(万)$")
    exact = (
        ibis.cases((plain, core), else_=_NONE).cast("decimal(24, 6)") * ibis.literal(Decimal("0.0001"), "decimal(5, 4)")
    ).cast("string")
    shown = exact.re_replace(r"0+$", "").re_replace(r"\.$", "")
    named = cell.re_search(r"[元圆万亿]")
    blank = trimmed(cell) == ""
    return ibis.cases(
        (cell.isnull() | blank, cell),
        (plain, shown),
        (in_wan, core.re_replace("万$", "")),
        (named, cell),
        else_=cell + "元",
    )


def _part(cell: ir.StringValue, on: str, part: int) -> ir.StringValue:
    parts = cell.split(on)
    index = ibis.literal(part - 1) if part > 0 else parts.length() + part
    return ibis.cases((parts.length() >= abs(part), parts[index]), else_=_NONE)


def _joined(cells: Sequence[ir.StringValue], joiner: str) -> ir.StringValue:
    together: ir.StringValue = ibis.literal("")
    for cell in cells:
        together = together + ibis.cases((filled(cell), ibis.literal(joiner) + cell), else_=ibis.literal(""))
    return together.substr(len(joiner)).nullif("")
