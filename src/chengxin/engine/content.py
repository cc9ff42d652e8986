"""Content (规范内容): what a row states as canonical JSON, and the cells that were sent, written by the engine's SQL."""

from collections.abc import Mapping, Sequence

from chengxin.catalogue.model import Item
from chengxin.intake.normalise import raw
from chengxin.intake.normalise_texts import ERASED
from chengxin.records.model import Act
from chengxin.subjects.free_text import CITIZEN_NUMBER, SIGNS, WIDE_SIGNS


def content_sql(item: Item, *more: str) -> str:
    """Canonical content up to and with the kind, equal for equal statements, and then what the SQL of ``more`` says."""
    return _wrapped(item, [_joined_sql([_member_sql(field, quoted(field)) for field in _fields(item)])], more)


def simple_content_sql(item: Item, *more: str) -> str:
    """The same for rows with all they must have and without a sign that JSON escapes, at a quarter of the cost."""
    must = {field.id for field in item.stored_fields if field.required == "always"}
    fields = _fields(item)
    if not must:
        return content_sql(item, *more)
    first = next(field for field in fields if field in must)
    pieces: list[str] = []
    for field in fields:
        value = quoted(field)
        if field in must:
            # these are certainly there, so commas go before what follows the first and after what comes before it
            pieces.append(f"""'{"" if field == first else ","}"{field}":"', {value}, '"'""")
        else:
            before, after = (",", "") if field > first else ("", ",")
            pieces.append(f"""CASE WHEN {value} IS NOT NULL THEN '{before}"{field}":"' || {value} || '"{after}' END""")
    return _wrapped(item, pieces, more)


def with_cells_sql(item: Item, rows: str, *, where: str = "true") -> str:
    """The query ``rows`` with ``cells_``: the cells as sent in one list without citizens' numbers, which are kept nowhere.

    In a list, since patterns are compiled for every place where they stand in a statement, and the long one takes 2 ms.
    Null but ``where`` that holds.
    """
    cells = ", ".join(quoted(raw(field)) for field in _fields(item))
    signs = [f"regexp_matches(cell, {_text(sign)})" for sign in SIGNS]
    signs += [f"contains(cell, {_text(sign)})" for sign in WIDE_SIGNS]
    # twice: two numbers with one character between them share that character
    once = f"regexp_replace(cell, {_text(CITIZEN_NUMBER)}, '\\1{ERASED}\\2', 'g')"
    erased = once.replace("cell", once, 1)
    listed = f"list_transform([{cells}], lambda cell: CASE WHEN {' OR '.join(signs)} THEN {erased} ELSE cell END)"
    return f"SELECT *, CASE WHEN {where} THEN {listed} END AS cells_ FROM ({rows})"


def object_sql(item: Item, *, only_changed: bool = False, erased: Mapping[str, str] = {}) -> str:
    """The cells as sent, a JSON object by field, of rows :func:`with_cells_sql`.

    ``erased``: of some fields the condition under which nothing of the cell is kept. A number that was found in a mended
    cell may stand in the one that was sent in a way in which nobody finds it.
    """
    members = []
    for place, field in enumerate(_fields(item), 1):
        value, kept = f"cells_[{place}]", quoted(field)
        if field in erased:
            value = f"CASE WHEN {erased[field]} THEN '{ERASED}' ELSE {value} END"
        member = _member_sql(field, value)
        if only_changed:
            # most cells of a changed row are as they were sent; a number that was taken out of a text is no change to be told
            changed = f"{quoted(raw(field))} IS DISTINCT FROM {kept}"
            if item.field(field).type == "text":
                changed += f" AND {value} IS DISTINCT FROM {kept}"
            member = f"CASE WHEN {changed} THEN {member} END"
        members.append(member)
    return f"concat('{{', {_joined_sql(members)}, '}}')"


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _fields(item: Item) -> list[str]:
    return sorted(field.id for field in item.stored_fields)


def _wrapped(item: Item, members: Sequence[str], more: Sequence[str]) -> str:
    approximate = """CASE WHEN approximate IS NOT NULL THEN '"approximate":' || to_json(approximate) || ',' END"""
    act, kind = item.act or Act.STATE, item.acts_on or item.id
    # one concat() of everything: each further one would copy a kilobyte
    pieces = [f"""'{{"act":"{act}",'""", approximate, """'"fields":{'""", *members, f"""'}},"kind":"{kind}",'""", *more]
    return f"concat({', '.join(pieces)})"


def _member_sql(field: str, value: str) -> str:
    return f"""',"{field}":' || to_json({value})"""


def _joined_sql(members: Sequence[str]) -> str:
    # concat() skips NULL, so a blank field is absent from the object.
    return f"substr(concat({', '.join(members)}), 2)"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
