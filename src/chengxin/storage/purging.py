"""Purging (彻底清除): what was deleted leaves free pages, write-ahead logs, indexes and statistics too, as far as we reach.

A deleted row is only marked as free. SQLite: the file is written anew and its log emptied. PostgreSQL: the tables are
written anew, with fresh statistics, and the log is brought forward; old log files, archives, copies and the storage below are
the administrator's. ``docs/how-to/erase-a-record.md`` says what to do there.
"""

import pyarrow as pa
from django.db import DatabaseError, connection

from chengxin.kernel.text import Text
from chengxin.storage import search

TABLES = (
    *("ledger_item", "record", "record_subject", "record_version", "record_act"),
    *("subject", "subject_code", "subject_name", "name_doc", "submission", "submission_row", "mend", "judgement"),
    *("credit_case", "case_event", "attachment", "finding"),
)
"""Tables that may have held something of an erased record, and are written anew on PostgreSQL."""

_BUSY = Text(
    "数据库日志文件正被读取，未能清空：稍后运行 chengxin erase finish",
    "the database's log is being read and could not be emptied: run chengxin erase finish later",
)
_WAL = Text(
    "PostgreSQL 的预写日志、归档、备库和备份仍可能含有内容，须由数据库管理员处理（docs/how-to/erase-a-record.md）",
    "PostgreSQL's write-ahead log, archives, replicas and backups may still hold the content: a task for the "
    "database's administrator (docs/how-to/erase-a-record.md)",
)


def forget_names(subject: str) -> None:
    """Take all names of a subject out of the search, inside the transaction under way."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT doc, norm FROM name_doc WHERE subject = %s", [subject])
        found = cursor.fetchall()
        if connection.vendor == "sqlite":
            # an index without its text needs to be told the terms it is to forget
            terms = [_documents(subject, norm, doc=doc)["name_term"].to_pylist()[0] for doc, norm in found]
            cursor.executemany(
                "INSERT INTO name_term (name_term, rowid, terms) VALUES ('delete', %s, %s)",
                [(each["rowid"], each["terms"]) for each in terms],
            )
        cursor.execute("DELETE FROM name_doc WHERE subject = %s", [subject])


def find_again(subject: str, name: str, kind: str) -> None:
    """Put a name of a subject (of this kind) into the search, inside the transaction under way."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(doc), 0) + 1 FROM name_doc")
        for table, rows in _documents(subject, name, doc=cursor.fetchone()[0], kind=kind).items():
            marks = ", ".join(["%s"] * rows.num_columns)
            for row in rows.to_pylist():
                cursor.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({marks})", list(row.values()))


def _documents(subject: str, name: str, *, doc: int, kind: str = "") -> dict[str, pa.Table]:
    found = pa.table({"subject": [subject], "text": [name], "kind": [kind]})
    return search.documents(found, first_doc=doc, vendor=connection.vendor)


def purge() -> list[Text]:
    """Write the database anew without what was deleted; returns what is left to do. Takes as long as a copy of it.

    Raises RuntimeError inside a transaction: what is not committed may come back.
    """
    if connection.in_atomic_block:
        raise RuntimeError("nothing can be purged before it is committed")
    return _purge_sqlite() if connection.vendor == "sqlite" else _purge_postgresql()


def _purge_sqlite() -> list[Text]:
    with connection.cursor() as cursor:
        # forgotten terms stay in the index until its pieces are joined
        cursor.execute("INSERT INTO name_term (name_term) VALUES ('optimize')")
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        busy, _, _ = cursor.fetchone()
    return [_BUSY] if busy else []


def _purge_postgresql() -> list[Text]:
    left = [_WAL]
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"VACUUM (FULL, ANALYZE) {table}")
        # statistics keep samples of what stood in a column
        for statement in ("VACUUM FULL pg_catalog.pg_statistic", "CHECKPOINT", "SELECT pg_switch_wal()", "CHECKPOINT"):
            try:
                cursor.execute(statement)
            except DatabaseError:
                left.append(Text(f"须由管理员执行：{statement}", f"to be run by the administrator: {statement}"))
    return left
