"""Sequencing (定序): one place in the whole platform from which the ledger may be appended to, and how an act takes it.

The place is a lock of the database itself, held by the very transaction that appends: SQLite's write lock, PostgreSQL's
advisory lock. Whoever loses the connection loses the transaction with it, so a holder that was cut off writes nothing.
Files take the place through :mod:`chengxin.storage.bulk`, single acts through :func:`session` on Django's connection.
"""

from collections.abc import Sequence
from typing import Any, Protocol

import pyarrow as pa
from django.db import connection

SEQUENCER = 0x63686E67
"""One number for the whole platform: whoever holds it may append to the ledger (PostgreSQL advisory lock)."""


class Session(Protocol):
    """What appending needs of a database session that holds the sequencer's place; ``?`` marks parameters."""

    vendor: str

    def append(self, table: str, rows: pa.Table) -> None:
        """Append rows under their column names."""
        ...

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> None:
        """Run one statement."""
        ...

    def value(self, sql: str, parameters: Sequence[Any] = ()) -> Any:
        """The single value of a query, None when there is no row."""
        ...


class Single:
    """Django's own connection as a :class:`Session`: for few rows, where opening another database would cost more."""

    def __init__(self) -> None:
        self.vendor = connection.vendor

    def append(self, table: str, rows: pa.Table) -> None:
        names = ", ".join(f'"{name}"' for name in rows.column_names)
        marks = ", ".join(["%s"] * rows.num_columns)
        with connection.cursor() as cursor:
            cursor.executemany(
                f"INSERT INTO {table} ({names}) VALUES ({marks})",
                list(zip(*(column.to_pylist() for column in rows.columns), strict=True)),
            )

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> None:
        with connection.cursor() as cursor:
            cursor.execute(sql.replace("?", "%s"), parameters)

    def value(self, sql: str, parameters: Sequence[Any] = ()) -> Any:
        with connection.cursor() as cursor:
            cursor.execute(sql.replace("?", "%s"), parameters)
            row = cursor.fetchone()
        return row[0] if row else None


def session() -> Session:
    """Take the sequencer's place for the rest of the Django transaction under way; waits while somebody else has it.

    Raises RuntimeError outside a transaction: the place would be lost again at once.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("the sequencer's place can only be held inside a transaction")
    taken = Single()
    if taken.vendor == "postgresql":
        taken.value("SELECT pg_advisory_xact_lock(?)::text", [SEQUENCER])
    return taken
