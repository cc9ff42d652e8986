"""Submission rows (报送记录) inside a bulk transaction: opened with a receipt number, closed with the receipt."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime

from django.db import models

from chengxin.storage.bulk import Store
from chengxin.storage.models import Submission

_FIELDS = {str(field.column): field for field in Submission._meta.concrete_fields}


LAST_NUMBER = """
SELECT id FROM (SELECT id FROM receipt_number WHERE id LIKE ? UNION SELECT id FROM submission WHERE id LIKE ?) taken
ORDER BY length(id) DESC, id DESC LIMIT 1
"""
"""The highest number with a prefix (given twice); -10000 comes after -9999, which plain text order gets wrong."""


def last_number(store: Store, prefix: str) -> str | None:
    """The highest number taken that begins so."""
    found = store.value(LAST_NUMBER, (f"{prefix}%",) * 2)
    return None if found is None else str(found)


def insert(store: Store, values: Mapping[str, object]) -> bool:
    """Add a submission (column → value, others their defaults); False when its number is taken."""
    taken = store.table(
        "INSERT INTO receipt_number (id) VALUES (CAST(? AS text)) ON CONFLICT (id) DO NOTHING RETURNING id",
        (values["id"],),
    )
    if not taken.num_rows:
        return False
    row = {column: field.get_default() for column, field in _FIELDS.items()} | dict(values)
    marks = ", ".join(_mark(store, column) for column in row)
    store.execute(
        f"INSERT INTO submission ({', '.join(row)}) VALUES ({marks})",
        [_stored(store, column, value) for column, value in row.items()],
    )
    return True


_SAME = ("file_digest", "item", "source_id", "mapping", "sheet")


def same_file(store: Store, values: Mapping[str, object]) -> str | None:
    """The last submission in which this very file was worked through (``file_digest``, ``item``, ``source_id``, ``mapping``
    and ``sheet`` are the same), None where there is none. Rows of the desk are no file: they have no digest."""
    if not values["file_digest"]:
        return None
    same = " AND ".join(f"{column} = {_mark(store, column)}" for column in _SAME)
    found = store.value(
        f"SELECT id FROM submission WHERE state = 'done' AND {same} ORDER BY received_at DESC, id DESC LIMIT 1",
        [values[column] for column in _SAME],
    )
    return None if found is None else str(found)


def mended_by(store: Store, number: str) -> str | None:
    """The receipt whose rows a submission mends, or the same file before it; None where neither names one."""
    while True:
        parents = store.table(
            f"""SELECT p.id, CASE WHEN p.file_digest = s.file_digest THEN 1 ELSE 0 END AS same
                FROM submission s JOIN submission p ON p.id = s.parent_id WHERE s.id = {_mark(store, "id")}""",
            [number],
        ).to_pylist()
        if not parents:
            return None
        number = str(parents[0]["id"])
        if not parents[0]["same"]:
            return number


def update(store: Store, number: str, values: Mapping[str, object]) -> None:
    """Change columns of one submission."""
    sets = ", ".join(f"{column} = {_mark(store, column)}" for column in values)
    parameters = [_stored(store, column, value) for column, value in values.items()]
    store.execute(f"UPDATE submission SET {sets} WHERE id = {_mark(store, 'id')}", [*parameters, number])


def _mark(store: Store, column: str) -> str:
    """A parameter of the column's type: PostgreSQL does not guess, SQLite takes what it gets."""
    if store.vendor == "sqlite":
        return "?"
    field = _FIELDS[column]
    if isinstance(field, models.JSONField):
        return "CAST(CAST(? AS text) AS jsonb)"
    if isinstance(field, models.DateTimeField):
        return "CAST(CAST(? AS text) AS timestamptz)"
    if isinstance(field, models.BigIntegerField):
        return "CAST(? AS bigint)"
    return "CAST(? AS boolean)" if isinstance(field, models.BooleanField) else "CAST(? AS text)"


def _stored(store: Store, column: str, value: object) -> object:
    if value is None:
        return None
    if isinstance(_FIELDS[column], models.JSONField):
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    if isinstance(value, datetime):
        # as Django writes it into SQLite; PostgreSQL would take a text without a zone for its session's own
        text = value.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S.%f")
        return text if store.vendor == "sqlite" else f"{text}+00"
    return value
