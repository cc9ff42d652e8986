"""Projecting (投影): carries what the entries of a slice change from the engine into the store.

Submitting and rebuilding share this module, so what a rebuild makes is what submitting made.
"""

import duckdb
import pyarrow as pa

from chengxin.catalogue.model import Item
from chengxin.engine import acts as engine_acts
from chengxin.engine import projections as engine_projections
from chengxin.engine import subjects as engine_subjects
from chengxin.operations.gathering import Gathering
from chengxin.records.fold import EFFECTS
from chengxin.records.model import REGISTRATION, Act
from chengxin.storage import projections, search
from chengxin.storage.bulk import Store

CODES = pa.schema([(name, pa.string()) for name in ("code", "scheme", "subject", "state", "since", "until")])
NAMES = pa.schema(
    [*((name, pa.string()) for name in ("norm", "subject", "kind", "text", "since", "until")), ("stated", pa.bool_())]
)
SUBJECTS = pa.schema([("id", pa.string()), ("provisional", pa.bool_())])


def project(
    con: duckdb.DuckDBPyConnection, store: Store, gathering: Gathering, item: Item, source_sql: str, days_sql: str
) -> pa.Table:
    """Bring records, listings, window counts and the subject base up to date with ``stated``.

    Returns ``seq`` of the corrections that make a publication longer.

    ``stored`` (``id, seq, marks`` of records met before) must stand in the engine; ``source_sql`` is who stated a row,
    ``days_sql`` a query for ``seq, day`` of the entries. ``gathering`` takes what is written later.
    """
    records = engine_projections.record_changes(con, item.id, source_sql)
    before = gathering.change(records.changed)
    projections.add_window_counts(store, engine_projections.window_changes(con, item.id, before))
    longer = engine_projections.longer(con)
    _keep_acts(con, store, records.changed, before, days_sql)
    # appends last: nobody waits for them
    projections.add_records(store, records.new, records.corrections)
    gathering.list(con)
    if item.id == REGISTRATION:
        _load_known(con, store)
        _put(store, engine_subjects.registered(con, item))
    else:
        _put(store, engine_subjects.introduced(con))
        projections.add_codes(store, engine_subjects.brought(con))
    if "relation" in item.roles:
        projections.put_relations(store, engine_subjects.related(con, item))
    return longer


def project_acts(con: duckdb.DuckDBPyConnection, store: Store) -> None:
    """Fold the acts on records among ``items`` (``seq, content, day``) into the records they speak of."""
    engine_acts.entered(con)
    ids = engine_acts.wanted(con)
    if not ids.num_rows:
        return
    con.register("found", projections.find_windows(store, ids))
    projections.add_erased(store, engine_acts.erased(con))
    found = projections.find_windows(store, ids)
    windows = found.select(engine_acts.WINDOWS.names).cast(engine_acts.WINDOWS)
    acts_new = engine_acts.new_acts(con, found.select(["id", "record"]))
    _fold_acts(con, store, projections.find_acts(store, windows.select(["record"])), acts_new, windows, windows)


def _keep_acts(
    con: duckdb.DuckDBPyConnection, store: Store, changed: pa.Table, before: pa.Table, days_sql: str
) -> None:
    """What acts have done to records still counts after they were restated, but for what a statement itself undoes."""
    if not changed.num_rows:
        return
    known = projections.find_acts(store, before.select(["record"]))
    if not known.num_rows:
        return
    con.register("brought_back", engine_projections.brought_back(con, int(EFFECTS[Act.STATE].clears)))
    back = con.sql(
        f"SELECT record, seq, act, day FROM brought_back JOIN ({days_sql}) USING (seq) ORDER BY ALL"
    ).to_arrow_table()
    now = changed.rename_columns(["record" if name == "seq" else name for name in changed.column_names])
    _fold_acts(con, store, known, back, before.cast(engine_acts.WINDOWS), now.select(engine_acts.WINDOWS.names))


def _fold_acts(
    con: duckdb.DuckDBPyConnection,
    store: Store,
    known: pa.Table,
    new: pa.Table,
    windows_before: pa.Table,
    windows_now: pa.Table,
) -> None:
    con.register("acts_before", known.cast(engine_acts.ACTS))
    con.register("acts_new", new.cast(engine_acts.ACTS))
    con.register("windows_before", windows_before)
    con.register("windows_now", windows_now.cast(engine_acts.WINDOWS))
    if new.num_rows:
        projections.add_acts(store, new, engine_acts.marks(con))
    projections.add_window_counts(store, engine_acts.window_changes(con))


def _put(store: Store, changes: engine_subjects.SubjectChanges) -> None:
    projections.put_subjects(store, changes.subjects, changes.codes, changes.names)
    if changes.findable.num_rows:
        search.add(store, changes.findable)


def _load_known(con: duckdb.DuckDBPyConnection, store: Store) -> None:
    """What the base holds for the subjects a slice of registrations touches."""
    touched = con.sql("SELECT DISTINCT subject AS id FROM stated ORDER BY id").to_arrow_table()
    store.temporary("touched", touched)
    touched_name = store.temporary_name("touched")

    def truth(column: str) -> str:
        return column if store.vendor == "postgresql" else f"CAST({column} AS integer)"

    def days(table: str) -> str:
        return ", ".join(f"CAST({table}.{day} AS text) AS {day}" for day in ("since", "until"))

    con.register(
        "known_subjects",
        store.table(
            f"SELECT s.id, {truth('s.provisional')} AS provisional FROM {touched_name} t {store.from_left} subject s ON s.id = t.id",
            schema=SUBJECTS,
        ),
    )
    con.register(
        "known_codes",
        store.table(
            f"""SELECT c.code, c.scheme, c.subject, c.state, {days("c")} FROM {touched_name} t
                {store.from_left} subject_code c ON c.subject = t.id""",
            schema=CODES,
        ),
    )
    con.register(
        "known_names",
        store.table(
            f"""SELECT n.norm, n.subject, n.kind, n.text, {days("n")}, {truth("n.stated")} AS stated FROM {touched_name} t
                {store.from_left} subject_name n ON n.subject = t.id""",
            schema=NAMES,
        ),
    )
