"""Projections (投影) in the store: how changes worked out by the engine go into the tables that pages read."""

import pyarrow as pa

from chengxin.storage.bulk import Store

_CHANGED = (
    *("source", "authority", "decided_on", "severity", "severity_by"),
    *("starts", "repairable", "ends", "regime", "withheld", "latest"),
)


STORED = pa.schema([("id", pa.binary()), ("seq", pa.int64()), ("source", pa.string()), ("content", pa.string())])


def find_records(store: Store, ids: pa.Table) -> pa.Table:
    """``id, seq, source, content`` of the records with these ids."""
    store.temporary("wanted", ids)
    return store.table(
        f"""SELECT k.id, k.seq, r.source, i.content FROM {store.temporary_name("wanted")} w
            JOIN record_key k ON k.id = w.id JOIN record r ON r.seq = k.seq JOIN ledger_item i ON i.seq = r.latest""",
        schema=STORED,
    )


def add_records(store: Store, new: pa.Table, keys: pa.Table) -> None:
    """Rows for records that were not there."""
    store.append("record", new)
    store.append("record_key", keys)


def change_records(store: Store, changed: pa.Table) -> pa.Table:
    """Bring corrected records up to date; returns their windows before (``starts, ends``)."""
    empty = pa.table({"starts": pa.array([], pa.string()), "ends": pa.array([], pa.string())})
    if not changed.num_rows:
        return empty
    store.temporary("changed", changed)
    temporary = store.temporary_name("changed")
    before = store.table(
        f"""SELECT CAST(r.starts AS text) AS starts, CAST(r.ends AS text) AS ends
            FROM {temporary} c JOIN record r ON r.seq = c.seq"""
    )
    # The day under which a record is listed may be what was corrected.
    store.execute(
        f"""DELETE FROM record_subject WHERE (subject, item, seq) IN (SELECT subject, item, seq FROM {temporary})"""
    )
    sets = ", ".join(f"{column} = c.{column}" for column in _CHANGED)
    store.execute(
        f"""UPDATE record SET {sets}, versions = record.versions + c.versions
            FROM {temporary} c WHERE c.seq = record.seq"""
    )
    return before


def add_listings(store: Store, by_subject: pa.Table, corrections: pa.Table) -> None:
    """Subject → records and record → corrections, both in the order of their tables."""
    store.append("record_subject", by_subject)
    if corrections.num_rows:
        store.append("record_version", corrections)


def add_window_counts(store: Store, changes: pa.Table) -> None:
    """Add to the numbers of windows that open and close on a day."""
    if not changes.num_rows:
        return
    store.temporary("window_change", changes)
    store.execute(
        f"""INSERT INTO window_count (item, day, opening, closing)
            SELECT item, day, opening, closing FROM {store.temporary_name("window_change")} WHERE true
            ON CONFLICT (item, day) DO UPDATE SET opening = window_count.opening + excluded.opening,
                                                  closing = window_count.closing + excluded.closing"""
    )


def put_subjects(store: Store, subjects: pa.Table, codes: pa.Table, names: pa.Table) -> None:
    """Put whole subjects: what the base held of them is replaced."""
    if not subjects.num_rows:
        return
    store.temporary("put", subjects.select(["id"]))
    put = store.temporary_name("put")
    store.execute(f"DELETE FROM subject_code WHERE subject IN (SELECT id FROM {put})")
    store.execute(f"DELETE FROM subject_name WHERE subject IN (SELECT id FROM {put})")
    store.execute(f"DELETE FROM subject WHERE id IN (SELECT id FROM {put})")
    store.append("subject", subjects)
    store.append("subject_code", codes)
    store.append("subject_name", names)
