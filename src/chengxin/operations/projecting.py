"""Projecting (投影): carries what the entries of a slice change from the engine into the store.

Submitting and rebuilding share this module, so what a rebuild makes is what submitting made.
"""

import duckdb
import pyarrow as pa

from chengxin.catalogue.model import Item
from chengxin.engine import projections as engine_projections
from chengxin.engine import subjects as engine_subjects
from chengxin.records.model import REGISTRATION
from chengxin.storage import projections, search
from chengxin.storage.bulk import Store

CODES = pa.schema([("code", pa.string()), ("scheme", pa.string()), ("subject", pa.string()), ("state", pa.string())])
NAMES = pa.schema([("norm", pa.string()), ("subject", pa.string()), ("kind", pa.string()), ("text", pa.string())])
SUBJECTS = pa.schema([("id", pa.string()), ("provisional", pa.bool_())])


def project(con: duckdb.DuckDBPyConnection, store: Store, item: Item, source_sql: str) -> None:
    """Bring records, listings, window counts and the subject base up to date with ``stated``.

    ``stored`` (``id, seq`` of records met before) must stand in the engine; ``source_sql`` is who stated a row.
    """
    records = engine_projections.record_changes(con, item.id, source_sql)
    projections.add_records(store, records.new, engine_projections.keys(con))
    before = projections.change_records(store, records.changed)
    projections.add_listings(store, engine_projections.by_subject(con), records.corrections)
    projections.add_window_counts(store, engine_projections.window_changes(con, item.id, before))
    if item.id == REGISTRATION:
        _load_known(con, store)
        _put(store, engine_subjects.registered(con, item))
    else:
        _put(store, engine_subjects.introduced(con))


def _put(store: Store, changes: engine_subjects.SubjectChanges) -> None:
    projections.put_subjects(store, changes.subjects, changes.codes, changes.names)
    if changes.findable.num_rows:
        search.add(store, changes.findable)


def _load_known(con: duckdb.DuckDBPyConnection, store: Store) -> None:
    """What the base holds for the subjects a slice of registrations touches."""
    touched = con.sql("SELECT DISTINCT subject AS id FROM stated ORDER BY id").to_arrow_table()
    store.temporary("touched", touched)
    touched_name = store.temporary_name("touched")
    provisional = "s.provisional" if store.vendor == "postgresql" else "CAST(s.provisional AS integer)"
    con.register(
        "known_subjects",
        store.table(
            f"SELECT s.id, {provisional} AS provisional FROM {touched_name} t JOIN subject s ON s.id = t.id",
            schema=SUBJECTS,
        ),
    )
    con.register(
        "known_codes",
        store.table(
            f"""SELECT c.code, c.scheme, c.subject, c.state FROM {touched_name} t
                JOIN subject_code c ON c.subject = t.id""",
            schema=CODES,
        ),
    )
    con.register(
        "known_names",
        store.table(
            f"""SELECT n.norm, n.subject, n.kind, n.text FROM {touched_name} t
                JOIN subject_name n ON n.subject = t.id""",
            schema=NAMES,
        ),
    )
