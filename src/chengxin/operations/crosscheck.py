"""Cross-check (校核): a run over the whole subject base; what it finds become tasks of the offices that assign codes.

The base is read as it stands at one moment and nobody waits; only laying the findings beside the known ones takes the
platform's writer's place, for a moment.
"""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pyarrow as pa
from django.conf import settings
from django.utils import timezone

from chengxin.engine import crosscheck as engine
from chengxin.engine.connect import connect
from chengxin.engine.content import quoted
from chengxin.operations import registry
from chengxin.operations.receipts import CLOSED
from chengxin.operations.rulebook import catalogue
from chengxin.records.fold import Mark
from chengxin.records.model import REGISTRATION, SUBJECT_BASE
from chengxin.storage import bulk, findings
from chengxin.storage.bulk import Store
from chengxin.storage.models import Assigner, Crosscheck
from chengxin.subjects.crosscheck import CHECKS

log = logging.getLogger("chengxin.crosscheck")
EVERY = timedelta(days=1)
_OVER = int(Mark.WITHDRAWN | Mark.UNLINKED | Mark.ERASED)
"""Records that were never about the subject, or are none any more: nobody acts upon it by them."""
_DAY = "CAST({} AS text)"


@dataclass(frozen=True)
class Told:
    """What one run says: subjects looked at, findings by rule, and by assigning office how many of how many."""

    run: int
    subjects: int
    findings: Mapping[str, int]
    rates: Sequence[Mapping[str, object]]


def audit(*, by: str = "") -> Told:
    """Run the cross-check now. Only where bulk transactions may run: the command line and the worker."""
    return _run(Crosscheck.objects.create(state="running", by=by, asked_at=timezone.now()))


def ask(*, by: str) -> Crosscheck:
    """Put a run into the queue; one that waits or runs already is given back instead of a second."""
    waiting = Crosscheck.objects.filter(state__in=("asked", "running")).order_by("-id").first()
    return waiting or Crosscheck.objects.create(by=by, asked_at=timezone.now())


def run_waiting() -> Told | None:
    """For the worker: run what was asked for, and once a day without being asked; None when nothing was due.

    A run left behind by a process that died is run again; the worker is alone, so none is under way.
    """
    run = Crosscheck.objects.filter(state__in=("asked", "running")).order_by("id").first()
    if run is None:
        if Crosscheck.objects.filter(asked_at__gt=timezone.now() - EVERY).exists():
            return None
        run = Crosscheck(asked_at=timezone.now())
    run.state = "running"
    run.save()
    try:
        return _run(run)
    except Exception:
        log.exception("cross-check %s failed", run.pk)  # the run says so; the worker has other work to do
        return None


def _run(run: Crosscheck) -> Told:
    try:
        told = _check(run)
    except Exception as error:
        Crosscheck.objects.filter(pk=run.pk).update(
            state="failed", finished_at=timezone.now(), problem=f"{type(error).__name__}: {error}"[:500]
        )
        raise
    return told


def _check(run: Crosscheck) -> Told:
    lines = registry.assigners()
    with connect(Path(settings.HOME)) as con:
        with bulk.reading() as store:
            _load(con, store)
            engine.register(con, "assigner", _assigners(lines))
            engine.prepare(con)
            _load_acted(con, store)
        found, shares = engine.findings(con), engine.rates(con)
    rates = _rates(shares.to_pylist(), found)
    subjects = sum(int(row["subjects"]) for row in shares.to_pylist())
    with bulk.transaction() as store:
        findings.put(store, found, at=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
    told = Told(run.pk, subjects, engine.counted(found), rates)
    Crosscheck.objects.filter(pk=run.pk).update(
        state="done", finished_at=timezone.now(), subjects=subjects, findings=dict(told.findings), rates=rates
    )
    return told


def _load(con: duckdb.DuckDBPyConnection, store: Store) -> None:
    """The subject base, the batches of the log and the open rows of registers, as tables of the engine."""
    truth = "{}" if store.vendor == "postgresql" else "CAST({} AS integer)"
    _copy(
        con,
        store,
        "base_subject",
        f"""SELECT id, kind, code, name, status, coalesce({_DAY.format("status_since")}, '') AS status_since,
                   {truth.format("provisional")} AS provisional, seq FROM subject""",
        {"status_since": "DATE", "provisional": "BOOLEAN", "seq": "BIGINT"},
    )
    _copy(con, store, "base_code", "SELECT code, scheme, subject, state FROM subject_code", {})
    _copy(
        con,
        store,
        "base_name",
        f"""SELECT norm, subject, kind, CASE WHEN kind = 'current' THEN '' ELSE text END AS text,
                   {truth.format("stated")} AS stated
            FROM subject_name WHERE kind = 'current' OR kind = 'former' AND NOT stated""",
        {"stated": "BOOLEAN"},
    )
    means = " ".join(
        f"WHEN '{code.value}' THEN '{code.means}'" for code in catalogue().codelists[registry.RELATION_KINDS].values
    )
    _copy(
        con,
        store,
        "base_relation",
        f"""SELECT subject, CASE kind {means} ELSE kind END AS means, related,
                   coalesce({_DAY.format("since")}, '') AS since, coalesce({_DAY.format("until")}, '') AS until
            FROM subject_relation""",
        {"since": "DATE", "until": "DATE"},
    )
    _copy(
        con,
        store,
        "base_batch",
        "SELECT first_seq, by, substr(at, 1, 10) AS day FROM ledger_batch ORDER BY first_seq",
        {"first_seq": "BIGINT", "day": "DATE"},
    )
    items, closed = _quoted(SUBJECT_BASE), _quoted(CLOSED)
    _copy(
        con,
        store,
        "sent_row",
        f"""SELECT s.source_id AS source, r.submission, r.row, r.reasons, coalesce(r.cells, '{{}}') AS cells
            FROM submission s JOIN submission_row r ON r.submission = s.id
            WHERE s.item IN ({items}) AND r.outcome = 'quarantined' AND NOT EXISTS (
                SELECT 1 FROM mend m WHERE m.submission_id = r.submission AND m.row = r.row AND m.outcome IN ({closed})
                AND m.id = (SELECT max(l.id) FROM mend l WHERE l.submission_id = r.submission AND l.row = r.row))""",
        {"row": "BIGINT"},
    )
    item = catalogue().items[REGISTRATION]
    con.execute(
        f"""CREATE OR REPLACE TEMP TABLE base_row AS
            SELECT source, submission, row, reasons, json_extract_string(cells, '$.{item.roles["code"]}') AS code,
                   json_extract_string(cells, '$.{item.roles["name"]}') AS name FROM sent_row"""
    )
    statuses = [row[0] for row in con.execute("SELECT DISTINCT status FROM base_subject").fetchall()]
    known = {status: code.means for status in statuses if (code := registry.status(status))}
    engine.register(
        con,
        "status_means",
        pa.table({"status": pa.array(known, pa.string()), "means": pa.array(known.values(), pa.string())}),
    )


def _load_acted(con: duckdb.DuckDBPyConnection, store: Store) -> None:
    """``acted``: decisions dated after the end of a subject; only the ended ones are looked up."""
    store.temporary("ended", engine.dissolved(con))
    _copy(
        con,
        store,
        "acted",
        f"""SELECT e.subject, count(*) AS decisions, {_DAY.format("min(r.decided_on)")} AS first_on,
                   {_DAY.format("max(r.decided_on)")} AS last_on
            FROM {store.temporary_name("ended")} e
            {store.from_left} record_subject rs ON rs.subject = e.subject AND rs.day > e.day
            {store.from_left} record r ON r.seq = rs.seq AND r.marks & {_OVER} = 0
            WHERE rs.item NOT IN ({_quoted(SUBJECT_BASE)}) GROUP BY e.subject""",
        {"decisions": "BIGINT", "first_on": "DATE", "last_on": "DATE"},
    )


def _copy(con: duckdb.DuckDBPyConnection, store: Store, table: str, query: str, types: Mapping[str, str]) -> None:
    """Stream a query into a table of the engine; columns are text unless ``types`` says otherwise, '' is null there.

    SQLite knows types of values, not of columns: an empty column comes back as a number.
    """
    rows = store.batches(query)
    columns = ", ".join(
        f"CAST(nullif(CAST({quoted(name)} AS VARCHAR), '') AS {types[name]}) AS {quoted(name)}"
        if name in types
        else f"CAST({quoted(name)} AS VARCHAR) AS {quoted(name)}"
        for name in rows.schema.names
    )
    con.register("incoming", rows)
    con.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS SELECT {columns} FROM incoming")
    con.unregister("incoming")


def _assigners(lines: Iterable[Assigner]) -> pa.Table:
    rows = [
        {
            "source": line.source_id,
            "department": line.department,
            "class": each,
            "division": line.division,
            "since": line.since,
            "until": line.until,
        }
        for line in lines
        for each in line.classes
    ]
    schema = [(name, pa.string()) for name in ("source", "department", "class", "division")]
    return pa.Table.from_pylist(rows, pa.schema([*schema, ("since", pa.date32()), ("until", pa.date32())]))


def _rates(shares: list[dict[str, object]], found: pa.Table) -> list[dict[str, object]]:
    """By assigning office: registered subjects, and findings by rule."""
    told = {(row["department"], row["owner"]): {**row, "findings": dict.fromkeys(CHECKS, 0)} for row in shares}
    for row in found.select(["department", "owner", "rule"]).to_pylist():
        key = (row["department"], row["owner"])
        blank = {"department": key[0], "owner": key[1], "subjects": 0, "findings": dict.fromkeys(CHECKS, 0)}
        told.setdefault(key, blank)["findings"][row["rule"]] += 1  # type: ignore[index]
    return list(told.values())


def _quoted(values: Iterable[str]) -> str:
    return ", ".join(f"'{value}'" for value in sorted(values))
