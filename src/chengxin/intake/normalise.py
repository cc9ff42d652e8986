"""Normalisation (规范化): each cell in its one canonical spelling, the cell as it was sent kept beside it.

``apply`` gives a normalised table, ``counts`` says how many cells each kind of change touched. A clean cell is only
looked at (one cheap test); what costs runs on dirty cells alone, because engines evaluate the branches of a CASE on
the rows that reach them.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial, reduce
from operator import add, and_

import ibis
import ibis.expr.types as ir

from chengxin.catalogue.model import Catalogue, Field, Item
from chengxin.intake import characters as chars
from chengxin.intake import normalise_amounts as amounts
from chengxin.intake import normalise_codes as codes
from chengxin.intake import normalise_dates as dates
from chengxin.intake import normalise_names as names
from chengxin.intake import normalise_texts as texts
from chengxin.intake import whole_rows
from chengxin.intake.normalise_names import document_key
from chengxin.kernel.text import Text

__all__ = ["KINDS", "apply", "clean", "counts", "document_key", "erases", "raw", "sent"]

KINDS: Mapping[str, Text] = {
    "whitespace": Text("删除空格、换行", "Blanks and line breaks removed"),
    "width": Text("全角改半角", "Full-width characters made ASCII"),
    "radical": Text("部首形近字改为汉字", "Radical look-alikes made characters"),
    "bracket": Text("统一括号", "Brackets unified"),
    "case": Text("小写改大写", "Lower case made upper case"),
    "sign": Text("删除代码中的分隔符", "Dashes and dots in codes removed"),
    "date": Text("统一日期写法", "Dates written one way"),
    "long-term": Text("长期改为 2099-12-31", "“No end” made 2099-12-31"),
    "amount": Text("统一金额写法和单位", "Amounts written one way, in the field's unit"),
    "amount-in-words": Text("大写金额改为数字", "Amounts in capital numerals made figures"),
    "value": Text("统一代码表取值和分隔符", "Code-list values and separators unified"),
    "separator": Text("统一名称分隔符", "Separators between names unified"),
    "personal-number": Text("删除文本中的公民身份号码", "Citizens' numbers removed from text"),
    "missing-mark": Text("“无”“—”等改为空", "Marks for “nothing” made empty"),
}
"""Kinds of change (规范化种类), as receipts count them."""

_NAME_ROLES = frozenset({"name", "representative", "authority_name", "source_name"})
_ENDS = frozenset({"valid_until", "claimed_end"})


@dataclass(frozen=True)
class Treatment:
    """How the cells of a field are made canonical.

    ``clean`` is the cheap test that a cell is canonical already. ``tidy`` mends blanks and widths, ``mend`` takes the
    tidied cell further: two steps, so that an expression does not repeat all of the first in each branch of the second.
    ``kinds`` says which kinds of dirt a changed cell had, given the cell and its canonical form.
    """

    clean: Callable[[ir.StringValue], ir.BooleanValue]
    tidy: Callable[[ir.StringValue], ir.StringValue]
    mend: Callable[[ir.StringValue], ir.StringValue]
    kinds: Callable[[ir.StringValue, ir.StringValue], Mapping[str, ir.BooleanValue]]
    nothing: Callable[[ir.StringValue, ir.StringValue], ir.BooleanValue] = lambda tidy, mended: chars.says_nothing(
        mended
    )
    """Whether a cell only says that there is nothing (无, —), given the tidied cell and what it was mended to."""
    is_open: bool = False
    """Whether anything may stand in a canonical cell, signs that JSON escapes as well."""


def apply(mapped: ir.Table, item: Item, catalogue: Catalogue) -> ir.Table:
    """The normalised table: for each stored field F its canonical text F and F__raw, the cell as mapped.

    Other columns stay. ``changed`` says whether any F differs from its F__raw; a null that stays null does not, nor does
    a date in the spelling of the national layouts.
    """
    ways = {field.id: treatment(field, item, catalogue) for field in item.stored_fields}
    money = [field for field in item.stored_fields if field.type == "decimal"]

    dated = [field.id for field in item.stored_fields if field.type == "date"]
    # in a select of its own: several tests look at it
    mapped = mapped.mutate(**{_asked(id): as_asked(mapped[id], item.field(id)) for id in dated})

    columns = {column: mapped[column] for column in mapped.columns if column not in ways}
    columns |= {raw(id): mapped[id] for id in ways}
    for id, way in ways.items():
        value = mapped[_asked(id) if id in dated else id]
        columns[_tidy(id)] = ibis.cases((value.isnull() | way.clean(value), ibis.null("string")), else_=way.tidy(value))
    tidied = mapped.select(**columns)

    columns = {column: tidied[column] for column in tidied.columns if not column.endswith(_TIDY)}
    columns |= {_letters(f.id): amounts.numerals(tidied[_tidy(f.id)]) for f in money}
    columns |= {_tidy(f.id): tidied[_tidy(f.id)] for f in money}
    columns |= {
        id: _mended(tidied, id, _asked(id) if id in dated else raw(id), way)
        for id, way in ways.items()
        if id not in {f.id for f in money}
    }
    mended = tidied.select(**columns)

    figures = {f.id: _figure(mended, f) for f in money}
    table = mended.mutate(**figures).drop(*(name(f.id) for f in money for name in (_tidy, _letters)))
    sent = {id: table[_asked(id) if id in dated else raw(id)] for id in ways}
    changed = reduce(lambda a, b: a | b, [~table[id].identical_to(sent[id]) for id in ways])
    return table.mutate(changed=changed).drop(*(_asked(id) for id in dated))


def sent(mapped: ir.Table, item: Item, catalogue: Catalogue) -> ir.Table:
    """The mapped table in the shape of ``apply``, nothing mended: for rows of which :func:`clean` is true the same.

    What ``whole_rows`` sees of the cells is added.
    """
    fields = item.stored_fields
    rows = mapped.mutate(
        **{raw(f.id): mapped[f.id] for f in fields}, **{f.id: as_asked(mapped[f.id], f) for f in fields}
    )
    return whole_rows.look(rows, [f.id for f in fields if treatment(f, item, catalogue).is_open])


def clean(sent: ir.Table, item: Item, catalogue: Catalogue) -> ir.BooleanValue:
    """Whether ``apply`` would leave every cell of a row of ``sent`` as it was sent; never null.

    Citizens' numbers in texts are asked for once for all cells.
    """
    tests = [sent[whole_rows.IMPERSONAL]]
    for field in item.stored_fields:
        is_clean = texts.trimmed if erases(field, item, catalogue) else treatment(field, item, catalogue).clean
        tests.append(sent[field.id].isnull() | is_clean(sent[field.id]))
    return reduce(and_, tests)


def counts(normalised: ir.Table, item: Item, catalogue: Catalogue) -> ir.Table:
    """One row: for each kind of change the number of cells it touched. Run it over the rows with ``changed``."""
    cells: dict[str, list[ir.IntegerValue]] = {kind: [] for kind in KINDS}
    for field in item.stored_fields:
        before, after = as_asked(normalised[raw(field.id)], field), normalised[field.id]
        changed = ~after.identical_to(before)
        emptied = after.isnull()
        blank = before.re_search(f"^{chars.BLANK}*$")
        found = dict(treatment(field, item, catalogue).kinds(before, after))
        whitespace = found.pop("whitespace", before.re_search(chars.OUTER_BLANKS))
        found = {kind: ~emptied & condition for kind, condition in found.items()}
        found |= {"whitespace": ibis.cases((emptied, blank), else_=whitespace), "missing-mark": emptied & ~blank}
        for kind, condition in found.items():
            cells[kind].append(ibis.cases((changed, condition.cast("int64")), else_=0))
    sums = {
        # DuckDB sums 64-bit numbers to 128-bit ones
        kind: reduce(add, ones).sum().fill_null(0).cast("int64") if ones else _none()
        for kind, ones in cells.items()
    }
    return normalised.aggregate(**sums)


def as_asked(value: ir.StringValue, field: Field) -> ir.StringValue:
    """A cell that is spelt as the national layouts ask (2026/08/14) in canonical spelling: no change worth keeping."""
    return dates.national(value) if field.type == "date" else value


def raw(field: str) -> str:
    """Name of the column that keeps a field's cell as mapped."""
    return f"{field}__raw"


def treatment(field: Field, item: Item, catalogue: Catalogue) -> Treatment:
    """How this field is normalised; follows from its type and the role it plays."""
    role = next((role for role, id in item.roles.items() if id == field.id), "")
    codelist = catalogue.codelists[field.codelist] if field.codelist else None
    if field.type == "code":
        return Treatment(codes.clean_code, codes.tidy_code, codes.code, _code_kinds)
    if field.type == "date":
        may_be_long = role in _ENDS
        mend = partial(dates.date, may_be_long=may_be_long)
        # a date that says nothing is mended to nothing else: asking the short expression is enough
        nothing = lambda tidy, mended: chars.says_nothing(tidy)  # noqa: E731
        return Treatment(dates.clean_date, dates.tidy_date, mend, _date_kinds, nothing)
    if field.type == "decimal":
        return Treatment(amounts.clean_amount, amounts.tidied, _same, _amount_kinds)
    if role == "former_names":
        return Treatment(names.clean_names, names.names, _same, _names_kinds)
    if field.type == "multi":
        clean, mend = partial(codes.clean_values, codelist=codelist), partial(codes.several, codelist=codelist)
        return Treatment(clean, codes.tidy_value, mend, _value_kinds, is_open=True)
    if field.type == "list":
        clean, mend = partial(codes.clean_value, codelist=codelist), partial(codes.listed, codelist=codelist)
        return Treatment(clean, codes.tidy_value, mend, _value_kinds, is_open=True)
    if role == "document_no":
        return Treatment(names.clean_number, names.document_number, _same, _name_kinds)
    if role in _NAME_ROLES:
        return Treatment(names.clean_name, names.name, _same, _name_kinds)
    # in free text 无 may be what was meant
    nothing = lambda tidy, mended: tidy == ""  # noqa: E731
    return Treatment(texts.clean_text, chars.trimmed, texts.text, _text_kinds, nothing, is_open=True)


def erases(field: Field, item: Item, catalogue: Catalogue) -> bool:
    """Whether citizens' numbers are taken out of this field's cells; elsewhere a cell with one is an error."""
    return treatment(field, item, catalogue).mend is texts.text


_TIDY = "__tidy"


def _asked(field: str) -> str:
    return f"{field}__asked"


def _tidy(field: str) -> str:
    return f"{field}{_TIDY}"


def _letters(field: str) -> str:
    return f"{field}__letters"


def _mended(tidied: ir.Table, id: str, sent: str, way: Treatment) -> ir.StringValue:
    tidy = tidied[_tidy(id)]
    mended = way.mend(tidy)
    return ibis.cases(
        (tidy.isnull(), tidied[sent]),
        (way.nothing(tidy, mended), ibis.null("string")),
        else_=mended,
    )


def _figure(mended: ir.Table, field: Field) -> ir.StringValue:
    tidy, letters = mended[_tidy(field.id)], mended[_letters(field.id)]
    return ibis.cases(
        (tidy.isnull(), mended[raw(field.id)]),
        (chars.says_nothing(tidy), ibis.null("string")),
        else_=amounts.amount(tidy, letters, field.unit),
    )


def _same(tidy: ir.StringValue) -> ir.StringValue:
    return tidy


Kinds = Mapping[str, ir.BooleanValue]


def _name_kinds(before: ir.StringValue, after: ir.StringValue) -> Kinds:
    return names.name_kinds(before) | {"bracket": _brackets(before) != _brackets(after)}


def _names_kinds(before: ir.StringValue, after: ir.StringValue) -> Kinds:
    return {**_name_kinds(before, after), "separator": before.re_search(";;|；|^;|;$")}


def _code_kinds(before: ir.StringValue, after: ir.StringValue) -> Kinds:
    return {
        "whitespace": before.re_search(chars.BLANK),
        "width": before.re_search(chars.FULL),
        # whatever has an upper case was given it, also letters that no code may hold
        "case": before.upper() != before,
        "sign": before.re_search("[-.·‐-―−－．]"),
    }


def _date_kinds(before: ir.StringValue, after: ir.StringValue) -> Kinds:
    inner = before.re_replace(chars.OUTER_BLANKS, "")
    long_term = inner.re_search(dates.LONG)
    return {"long-term": long_term, "date": ~long_term & (inner != after)}


def _amount_kinds(before: ir.StringValue, after: ir.StringValue) -> Kinds:
    inner = before.re_replace(chars.OUTER_BLANKS, "")
    words = before.re_search(amounts.SPELT) & after.re_search(amounts.CANONICAL)
    return {"amount-in-words": words, "amount": ~words & (inner != after)}


def _value_kinds(before: ir.StringValue, after: ir.StringValue) -> Kinds:
    return {"value": before.re_replace(chars.OUTER_BLANKS, "") != after}


def _text_kinds(before: ir.StringValue, after: ir.StringValue) -> Kinds:
    return {"personal-number": texts.holds_citizen_number(before)}


def _brackets(value: ir.StringValue) -> ir.StringValue:
    """Only the brackets of a text: what is left shows whether they were changed."""
    return value.re_replace(chars.NO_BRACKETS, "")


def _none() -> ir.IntegerScalar:
    return ibis.literal(0, "int64")
