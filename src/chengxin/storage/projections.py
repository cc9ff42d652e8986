"""Projections (投影) in the store: how changes worked out by the engine go into the tables that pages read."""

import pyarrow as pa

from chengxin.storage.acts import NO_COUNT, NO_RELATION
from chengxin.storage.bulk import Store

_CHANGED = (
    *("source", "authority", "decided_on", "severity", "severity_by"),
    *("starts", "repairable", "ends", "regime", "withheld", "latest"),
)


STORED = pa.schema(
    [("id", pa.binary()), ("seq", pa.int64()), ("source", pa.string()), ("marks", pa.int64()), ("content", pa.string())]
)
STOOD = pa.schema(
    [
        *(("id", pa.binary()), ("record", pa.int64()), ("item", pa.string())),
        *(("starts", pa.string()), ("ends", pa.string())),
    ]
)
WINDOWS = pa.schema([("record", pa.int64()), *((name, pa.string()) for name in ("item", "starts", "ends"))])
ACTS = pa.schema([("record", pa.int64()), ("seq", pa.int64()), ("act", pa.string()), ("day", pa.string())])


def find_records(store: Store, ids: pa.Table) -> pa.Table:
    """``id, seq, source, marks, content`` of the records with these ids; an erased one has no content."""
    store.temporary("wanted", ids)
    return store.table(
        f"""SELECT k.id, k.seq, r.source, r.marks, i.content FROM {store.temporary_name("wanted")} w
            {store.from_left} record_key k ON k.id = w.id {store.from_left} record r ON r.seq = k.seq
            LEFT JOIN ledger_item i ON i.seq = r.latest""",
        schema=STORED,
    )


def find_numbered(store: Store, records: pa.Table) -> pa.Table:
    """The same of records whose numbers are known (``id, seq``)."""
    store.temporary("numbered", records)
    return store.table(
        f"""SELECT w.id, w.seq, r.source, r.marks, i.content FROM {store.temporary_name("numbered")} w
            {store.from_left} record r ON r.seq = w.seq LEFT JOIN ledger_item i ON i.seq = r.latest""",
        schema=STORED,
    )


def find_contents(store: Store, records: pa.Table) -> pa.Table:
    """The same of records of which only the content is not known (``id, seq, source, marks, latest``)."""
    store.temporary("known", records)
    return store.table(
        f"""SELECT w.id, w.seq, w.source, w.marks, i.content FROM {store.temporary_name("known")} w
            LEFT JOIN ledger_item i ON i.seq = w.latest""",
        schema=STORED,
    )


def find_windows(store: Store, ids: pa.Table) -> pa.Table:
    """``id, record, item, starts, ends`` of the records with these ids; days as texts."""
    store.temporary("acted_on", ids)
    return store.table(
        f"""SELECT k.id, k.seq AS record, r.item, CAST(r.starts AS text) AS starts, CAST(r.ends AS text) AS ends
            FROM {store.temporary_name("acted_on")} w
            {store.from_left} record_key k ON k.id = w.id {store.from_left} record r ON r.seq = k.seq""",
        schema=STOOD,
    )


def find_acts(store: Store, records: pa.Table) -> pa.Table:
    """``record, seq, act, day`` of these records (``record``: numbers of their first entries); days as texts."""
    store.temporary("acted_on", records)
    return store.table(
        f"""SELECT a.record, a.seq, a.act, CAST(a.day AS text) AS day
            FROM {store.temporary_name("acted_on")} w {store.from_left} record_act a ON a.record = w.record ORDER BY a.record, a.seq""",
        schema=ACTS,
    )


def add_acts(store: Store, acts: pa.Table, marks: pa.Table) -> None:
    """Acts, and the marks they leave on their records (``record, marks``); what is gone states no relation any more."""
    store.append("record_act", acts)
    store.temporary("marked", marks)
    marked = store.temporary_name("marked")
    store.execute(f"UPDATE record SET marks = m.marks FROM {marked} m WHERE m.record = record.seq")
    store.execute(NO_RELATION.format(records=f"SELECT record FROM {marked}"))


def add_erased(store: Store, erased: pa.Table) -> None:
    """Rows for erased records (``seq, id, item, latest``), which hold nothing else."""
    count = erased.num_rows
    blank = dict.fromkeys(
        ("subject", "source", "authority", "severity_by", "regime"), pa.array([""] * count, pa.string())
    )
    rows = {
        **{name: erased.column(name) for name in erased.column_names},
        **blank,
        "severity": pa.array(["none"] * count, pa.string()),
        "withheld": pa.array(["erased"] * count, pa.string()),
        "versions": pa.array([1] * count, pa.int64()),
    }
    store.append("record", pa.table(rows))
    store.append("record_key", erased.select(["id", "seq"]))


def add_records(store: Store, new: pa.Table, corrections: pa.Table) -> None:
    """Rows for records that were not there, and record → corrections, both in the order of their tables."""
    store.append("record", new)
    if corrections.num_rows:
        store.append("record_version", corrections)


def find_stood(store: Store, records: pa.Table) -> pa.Table:
    """``record, item, starts, ends`` of the records with these numbers (``seq``); days as texts."""
    store.temporary("changing", records)
    return store.table(
        f"""SELECT r.seq AS record, r.item, CAST(r.starts AS text) AS starts, CAST(r.ends AS text) AS ends
            FROM {store.temporary_name("changing")} c {store.from_left} record r ON r.seq = c.seq""",
        schema=WINDOWS,
    )


def change_records(store: Store, changed: pa.Table) -> None:
    """Bring corrected records up to date and take them out of the listing; they are listed anew afterwards."""
    store.temporary("changed", changed)
    temporary = store.temporary_name("changed")
    # The day under which a record is listed may be what was corrected.
    store.execute(
        f"""DELETE FROM record_subject WHERE (subject, item, seq) IN (SELECT subject, item, seq FROM {temporary})"""
    )
    sets = ", ".join(f"{column} = c.{column}" for column in _CHANGED)
    store.execute(
        f"""UPDATE record SET {sets}, versions = record.versions + c.versions
            FROM {temporary} c WHERE c.seq = record.seq"""
    )


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
    store.execute(NO_COUNT)


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


def add_codes(store: Store, brought: pa.Table) -> None:
    """Give subjects their first unified code (``code, subject, kind``: of subject, as the code says)."""
    if not brought.num_rows:
        return
    store.temporary("brought", brought)
    temporary = store.temporary_name("brought")
    store.execute(
        f"""INSERT INTO subject_code (code, scheme, subject, state)
            SELECT code, 'uscc', subject, 'current' FROM {temporary} WHERE true ON CONFLICT DO NOTHING"""
    )
    store.execute(f"UPDATE subject SET code = b.code, kind = b.kind FROM {temporary} b WHERE b.subject = subject.id")


def put_relations(store: Store, relations: pa.Table) -> None:
    """Put whole relations: what the base held of the same ones is replaced."""
    if not relations.num_rows:
        return
    store.temporary("put_relation", relations.select(["subject", "kind", "related"]))
    put = store.temporary_name("put_relation")
    store.execute(
        f"DELETE FROM subject_relation WHERE (subject, kind, related) IN (SELECT subject, kind, related FROM {put})"
    )
    store.append("subject_relation", relations)
