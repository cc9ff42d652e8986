"""Bulk store (批量写入): one transaction in which Arrow tables go straight into SQLite or PostgreSQL.

ADBC brings its own copy of SQLite. Two copies of SQLite in one process must never have the same file open at the
same time: closing a file in one drops the locks of the other (POSIX locks belong to the process), and the database
can be damaged. So a session closes Django's connections first and refuses to start when that is impossible.
"""

import os
import threading
from collections import deque
from collections.abc import Container, Iterator, Sequence
from concurrent.futures import Executor, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from typing import Any

import adbc_driver_manager
import adbc_driver_postgresql.dbapi
import adbc_driver_sqlite.dbapi
import pyarrow as pa
from django.db import InterfaceError, OperationalError, connection, connections

from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text
from chengxin.storage import space
from chengxin.storage.sequencing import SEQUENCER

AHEAD = 1
"""So many appends may wait for the one under way; each holds its rows in memory."""
STREAMED = 32_768
"""Rows of an answer that SQLite's driver takes together, when it streams; the types of columns are guessed from the first."""
WHOLE = 1_000_000_000
"""The same for an answer that is taken as a whole: a day that only the thousandth row has is met in time."""
WRITE_OUT_S = 0.5
"""Every so many seconds what was written goes to the disk."""

CUT_OFF: tuple[type[Exception], ...] = (
    *(OperationalError, InterfaceError),
    *(adbc_driver_manager.OperationalError, adbc_driver_manager.InterfaceError),
)
"""What is raised, here or by Django's connection, when the database went away or does not answer. Nothing was stored then."""

_SQLITE_PRAGMAS = (
    "PRAGMA busy_timeout=600000",
    "PRAGMA synchronous=FULL",
    "PRAGMA cache_size=-131072",
    "PRAGMA secure_delete=ON",
    "PRAGMA temp_store=MEMORY",
)


class Store:
    """An open bulk transaction; see :func:`transaction`.

    Rows are appended by a thread beside the caller's, outside the interpreter lock, in the order they were given; every
    question and every other statement waits for them first. What was wrong with an append is raised by the next call.
    """

    def __init__(self, vendor: str, cursor: Any, writer: Executor) -> None:
        self.vendor = vendor
        self._cursor = cursor
        self._writer = writer
        self._writing: deque[Future[Any]] = deque()

    def append(self, table: str, rows: pa.Table | pa.RecordBatch) -> None:
        """Append rows; column names and types must be the table's (text, int64, binary, date32, bool)."""
        self._wait(leaving=AHEAD)
        self._writing.append(self._writer.submit(self._cursor.adbc_ingest, table, rows, mode="append"))

    def _wait(self, *, leaving: int = 0) -> None:
        while len(self._writing) > leaving:
            self._writing.popleft().result()

    def drop(self) -> None:
        """Wait for what is being appended without asking how it went: the transaction is to be rolled back."""
        wait(self._writing)
        self._writing.clear()

    def temporary(self, table: str, rows: pa.Table) -> None:
        """Make (or remake) a temporary table of these rows, seen by this transaction only."""
        self.execute(f"DROP TABLE IF EXISTS {self.temporary_name(table)}")
        self._cursor.adbc_ingest(table, rows, mode="create", temporary=True)

    def temporary_name(self, table: str) -> str:
        return f"temp.{table}" if self.vendor == "sqlite" else f"pg_temp.{table}"

    @property
    def from_left(self) -> str:
        """A join that takes the left table's rows and looks each up in the right one.

        SQLite has no statistics and may read the whole right table instead; CROSS JOIN keeps its order.
        """
        return "CROSS JOIN" if self.vendor == "sqlite" else "JOIN"

    def execute(self, sql: str, parameters: Sequence[object] = ()) -> None:
        """Run one statement; ``?`` marks parameters on either engine."""
        self._wait()
        self._cursor.execute(self._marked(sql), tuple(parameters) or None)

    def table(self, sql: str, parameters: Sequence[object] = (), *, schema: pa.Schema | None = None) -> pa.Table:
        """The rows of a query as one Arrow table, cast to ``schema``.

        SQLite has values of a type, not columns: without a schema an empty column comes back as integers.
        """
        self._ask(sql, parameters, WHOLE)
        found = self._cursor.fetch_arrow_table()
        if schema is None:
            return found
        return found.cast(schema) if found.num_rows else schema.empty_table()

    def batches(self, sql: str, parameters: Sequence[object] = ()) -> pa.RecordBatchReader:
        """The rows of a query as a stream of Arrow batches.

        SQLite's columns have the type of what stands in the first batch: one that may be null must be asked for as ``''``.
        """
        self._ask(sql, parameters, STREAMED)
        return self._cursor.fetch_record_batch()

    def _ask(self, sql: str, parameters: Sequence[object], rows: int) -> None:
        if self.vendor == "sqlite":
            self._cursor.adbc_statement.set_options(**{"adbc.sqlite.query.batch_rows": str(rows)})
        self.execute(sql, parameters)

    def value(self, sql: str, parameters: Sequence[object] = ()) -> Any:
        """The single value of a query, None when there is no row."""
        rows = self.table(sql, parameters)
        return rows.column(0)[0].as_py() if rows.num_rows else None

    def _marked(self, sql: str) -> str:
        if self.vendor == "sqlite":
            return sql
        pieces = sql.split("?")
        return "".join(f"{piece}${number}" for number, piece in enumerate(pieces[:-1], 1)) + pieces[-1]


GROWTH = 1.1
"""Tables that have grown by less since they were last looked at are not looked at again: ten tables take a second."""


def analyse(tables: Sequence[str]) -> None:
    """Tell PostgreSQL how large tables have become: it would notice minutes later, and the first questions are slow."""
    if connection.vendor != "postgresql":
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT relname FROM pg_class WHERE oid = ANY(%s::regclass[])
               AND pg_relation_size(oid) > relpages * %s * current_setting('block_size')::float""",
            [list(tables), GROWTH],
        )
        if grown := [name for (name,) in cursor.fetchall()]:
            cursor.execute(f"ANALYZE {', '.join(grown)}")


@contextmanager
def transaction() -> Iterator[Store]:
    """One all-or-nothing bulk transaction, alone in the platform: commits at the end, rolls back on any error.

    Raises RuntimeError inside a Django transaction: the two would wait for each other for ever.
    """
    with _session() as store, _writing_out(store):
        if store.vendor == "sqlite":
            store.execute("BEGIN IMMEDIATE")
        else:
            store.execute("BEGIN")
            store.table(f"SELECT pg_advisory_xact_lock({SEQUENCER})::text")
        try:
            yield store
            store.execute("COMMIT")
        except BaseException as error:
            _roll_back(store)
            if (refusal := _out_of_space(error)) is not None:
                raise refusal from error
            raise


@contextmanager
def reading() -> Iterator[Store]:
    """One state of the whole store to read from, however long it takes; nobody waits for it, nothing is kept.

    Temporary tables may be made. Raises RuntimeError as :func:`transaction` does.
    """
    with _session() as store:
        store.execute("BEGIN" if store.vendor == "sqlite" else "BEGIN ISOLATION LEVEL REPEATABLE READ")
        try:
            yield store
        finally:
            _roll_back(store)


@contextmanager
def _session() -> Iterator[Store]:
    if connection.in_atomic_block:
        raise RuntimeError("a bulk transaction cannot run inside a Django transaction")
    connections.close_all()
    vendor = connection.vendor
    driver = adbc_driver_sqlite.dbapi if vendor == "sqlite" else adbc_driver_postgresql.dbapi
    with (
        driver.connect(_uri(), autocommit=True) as session,
        session.cursor() as cursor,
        ThreadPoolExecutor(1, "appending") as writer,
    ):
        store = Store(vendor, cursor, writer)
        if vendor == "sqlite":
            for pragma in _SQLITE_PRAGMAS:
                store.table(pragma)
        yield store


@contextmanager
def _writing_out(store: Store) -> Iterator[None]:
    """Have what a long transaction writes taken to the disk while it grows: else the commit waits for all of it.

    That is the write-ahead log and, once the commit copies it there, the database. Opening and closing a file beside SQLite
    would drop its locks, so the files are those that SQLite itself has open.
    """
    if store.vendor != "sqlite":
        yield
        return
    database = os.path.realpath(_uri())  # as the system names what is open
    files, done = {database, f"{database}-wal"}, threading.Event()

    def write_out() -> None:
        while not done.wait(WRITE_OUT_S):
            for handle in _open_here(files):
                with suppress(OSError):  # closed meanwhile
                    os.fdatasync(handle)

    thread = threading.Thread(target=write_out, name="writing-out")
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _open_here(files: Container[str]) -> Iterator[int]:
    """This process's handles of files, as far as the system tells."""
    with suppress(OSError), os.scandir("/proc/self/fd") as handles:
        for handle in handles:
            with suppress(OSError):
                if os.readlink(handle.path) in files:
                    yield int(handle.name)


def _roll_back(store: Store) -> None:
    store.drop()
    # a full disk has rolled back by itself; closing the connection does the rest
    with suppress(adbc_driver_manager.Error):
        store.execute("ROLLBACK")


def _out_of_space(error: BaseException) -> Refusal | None:
    if not space.is_full(error):
        return None
    return Refusal(
        "platform.disk-full",
        Text("磁盘写不下了，这一批没有写入任何一行", "the disk takes no more; not one row of this batch was stored"),
        where=Text(str(connection.settings_dict["NAME"]), str(connection.settings_dict["NAME"])),
        remedy=Text(
            "请腾出空间（约为文件大小的四倍）后原样重新报送",
            "free about four times the file's size and hand it in again",
        ),
    )


def _uri() -> str:
    settings = connection.settings_dict
    if connection.vendor == "sqlite":
        return str(settings["NAME"])
    parameters = connection.get_connection_params()
    wanted = {"host": "host", "port": "port", "user": "user", "password": "password", "dbname": "dbname"}
    pairs = ((key, str(parameters[name])) for key, name in wanted.items() if parameters.get(name))
    quoted = (
        f"{key}='{value.replace(chr(92), chr(92) * 2).replace(chr(39), chr(92) + chr(39))}'" for key, value in pairs
    )
    return " ".join(quoted)
