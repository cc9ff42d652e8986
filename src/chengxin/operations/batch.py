"""Batch (批次处理): one submission in one transaction — checks, links, ledger, projections, receipt; all or nothing."""

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime

import duckdb
import pyarrow as pa

from chengxin.engine.changes import Changes
from chengxin.engine.checking import Checker
from chengxin.engine.plan import Plan
from chengxin.engine.slices import Slice
from chengxin.intake import checks
from chengxin.intake.formats.reading import Ragged
from chengxin.intake.receipt import Receipt
from chengxin.kernel.periods import earliest_in_time, today
from chengxin.ledger.model import Batch
from chengxin.operations import deadlines, logkey, projecting, publishing
from chengxin.operations.candidates import Candidates
from chengxin.operations.gathering import Gathering
from chengxin.operations.rulebook import catalogue
from chengxin.records import standing
from chengxin.records.model import REGISTRATION
from chengxin.resolution import linking
from chengxin.storage import bulk
from chengxin.storage.bulk import Store
from chengxin.storage.ledger import Appender

READ_ROWS = 32_768
FIRST_ROWS = 50_000
SLICE_ROWS = 150_000
"""Two slices are under way at a time; larger ones cost memory, smaller ones planning what follows the checks."""
SEAL_ROWS = 32_768
MANY_ROWS = 10_000
GROWN = (
    *("record", "record_key", "record_subject", "subject", "subject_code", "subject_name", "name_doc"),
    *("ledger_item", "ledger_batch", "submission_row"),
)
RAGGED = "file.ragged"
_WARNINGS = frozenset(rule.id for rule in standing.RULES.values() if rule.level == "warning")

Report = Callable[[str, int], None]
"""(stage, rows done) → nothing: told how far the work is."""


@dataclass
class Run:
    """A submission on its way through the batch; ``open`` numbers it, ``close`` writes its receipt."""

    plan: Plan
    source: str
    at: datetime
    open: Callable[[Store], str]
    close: Callable[[Store, "Run"], None]
    report: Report = lambda stage, rows: None
    judged: pa.Table | None = None
    """``row, subject``: rows of which a person has said whom they speak of."""
    looks_first: bool = True
    receipt: Receipt = field(default_factory=Receipt)
    timed: int = 0
    on_time: int = 0
    earliest_open: str = ""
    backlog_open: bool = False
    """Of the rows that wait: the earliest decision date that is no backlog, and whether there is a backlog."""


def run(con: duckdb.DuckDBPyConnection, rows: Iterator[pa.Table], ragged: list[Ragged], job: Run) -> Receipt:
    """Work through the slices of a file. Raises what reading raises (Refusal); then nothing was stored.

    Reading the first slice and, of an ordinary file, checking it come before the place of the platform's one writer is
    taken, which is then held for seconds only. A large file reads the subject base meanwhile. From then on one slice is
    checked while the one before is being stored.
    """
    # the thread ends first: a connection that is busy cannot be closed
    with closing(Checker(con, job.plan)) as checker, ThreadPoolExecutor(1) as beside:
        job.report("checking", 0)
        first = next(rows, None)
        ahead = 0 if first is None else first.num_rows
        coming = beside.submit(_check, con, checker, first, job)
        del first  # a slice is 170 MB
        if ahead < FIRST_ROWS:
            coming.result()
        with bulk.transaction() as store:
            job.receipt.submission = job.open(store)
            batch = Batch(
                id=job.receipt.submission,
                at=job.at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
                by=job.source,
                catalogue=catalogue().digest,
            )
            ledger = Appender(store, batch)
            candidates = Candidates(con, store, whole=job.plan.item.id != REGISTRATION)
            changes, gathering = Changes(con, job.plan), Gathering(con, store, job.plan.item.id)
            if ahead >= FIRST_ROWS:
                candidates.expect(ahead)
            while (part := coming.result()) is not None:
                coming = beside.submit(lambda: _check(con, checker, next(rows, None), job))
                _settle(part, store, ledger, candidates, gathering, job)
                changes.add(part)
                part.close()
            gathering.write()
            job.receipt.add(changes.kinds(), job.receipt.normalised)
            _keep_ragged(store, ragged, job)
            job.report("sealing", job.receipt.rows)
            _seal(store, ledger, job.receipt)
            job.close(store, job)
    publishing.publish()
    if job.receipt.rows >= MANY_ROWS:
        bulk.analyse(GROWN)
    return job.receipt


def _check(con: duckdb.DuckDBPyConnection, checker: Checker, rows: pa.Table | None, job: Run) -> Slice | None:
    """A slice of the file, checked; None for none. Each slice has its own tables."""
    if rows is None:
        return None
    part = Slice(con.cursor(), job.plan, checker)
    sound = part.check(rows, look_first=job.looks_first)
    # where few rows are sound, the look costs more than it saves
    job.looks_first = job.looks_first and sound * 3 >= rows.num_rows
    return part


def _settle(
    part: Slice, store: Store, ledger: Appender, candidates: Candidates, gathering: Gathering, job: Run
) -> None:
    receipt = job.receipt
    job.report("linking", receipt.rows)
    candidates.see(part)
    candidates.provide(part)
    part.link(job.judged)
    stored = gathering.find(part.wanted_records())
    stated = part.settle(stored, source=job.source, next_seq=ledger.next_seq)
    job.report("storing", receipt.rows)
    if stated:
        days = f"SELECT seq, DATE '{today(job.at)}' AS day FROM stated"
        if not job.plan.item.acts_on:
            # before the ledger: its hashing covers the time in which these rows are written
            part.warn(
                projecting.project(part.con, store, gathering, job.plan.item, "getvariable('source')", days),
                standing.LONGER,
            )
        ledger.append(part.contents(SEAL_ROWS), stated)
        if job.plan.item.acts_on:
            part.con.execute(
                f"CREATE OR REPLACE TEMP VIEW items AS SELECT seq, content, day FROM contents JOIN ({days}) USING (seq)"
            )
            projecting.project_acts(part.con, store)
        candidates.add_introduced(part)
    _keep_problems(store, part, job)
    receipt.add(part.outcomes(), receipt.outcomes)
    _measure(part, job)
    job.report("storing", receipt.rows)


def _keep_problems(store: Store, part: Slice, job: Run) -> None:
    """Rows that need a person, with every rule they broke, and the counts of rules."""
    reasons = _Reasons(job.plan)
    for found in part.problems():
        masks = zip(*(found.column(name).to_pylist() for name in job.plan.masks), strict=True)
        told = [
            reasons.of(mask, problem) for mask, problem in zip(masks, found.column("problem").to_pylist(), strict=True)
        ]
        store.append(
            "submission_row", _rows(job, found.column("row"), found.column("outcome"), told, found.column("cells"))
        )
    job.receipt.warnings += reasons.warnings
    job.receipt.add(reasons.counts, job.receipt.reasons)


class _Reasons:
    """Turns mask bits into the reasons of a row; rows mostly break the same few rules, so texts are kept."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._known: dict[tuple[object, ...], tuple[str, tuple[str, ...], int]] = {}
        self.counts: dict[str, int] = {}
        self.warnings = 0

    def of(self, masks: tuple[int, ...], problem: str | None) -> str:
        key = (masks, problem)
        if key not in self._known:
            broken = checks.decode(dict(zip(self._plan.masks, masks, strict=True)), self._plan.rules)
            listed = [{"rule": rule.id, "field": rule.field or ""} for rule in broken]
            if problem:
                listed.append({"rule": problem, "field": self._field(problem)})
            warnings = sum(rule.level == "warning" for rule in broken) + (problem in _WARNINGS)
            self._known[key] = (
                json.dumps(listed, separators=(",", ":")),
                tuple(reason["rule"] for reason in listed),
                warnings,
            )
        text, rules, warnings = self._known[key]
        for rule in rules:
            self.counts[rule] = self.counts.get(rule, 0) + 1
        self.warnings += warnings
        return text

    def _field(self, problem: str) -> str:
        rule = linking.RULES.get(problem) or standing.RULES.get(problem)
        return (self._plan.item.role(rule.role) or "") if rule else ""


def _keep_ragged(store: Store, ragged: list[Ragged], job: Run) -> None:
    if not ragged:
        return
    told = [
        json.dumps(
            [{"rule": RAGGED, "field": "", "expected": each.expected, "found": each.found}], separators=(",", ":")
        )
        for each in ragged
    ]
    numbers = pa.array([each.row for each in ragged], pa.int64())
    store.append(
        "submission_row",
        _rows(job, numbers, pa.array(["quarantined"] * len(ragged)), told, pa.nulls(len(ragged), pa.string())),
    )
    job.receipt.add({"quarantined": len(ragged)}, job.receipt.outcomes)
    job.receipt.add({RAGGED: len(ragged)}, job.receipt.reasons)


def _rows(job: Run, numbers: pa.Array, outcomes: pa.Array, reasons: list[str], cells: pa.Array) -> pa.Table:
    return pa.table(
        {
            "submission": pa.array([job.receipt.submission] * len(numbers), pa.string()),
            "row": numbers.cast(pa.int64()),
            "outcome": outcomes.cast(pa.string()),
            "reasons": pa.array(reasons, pa.string()),
            "cells": cells.cast(pa.string()),
        }
    )


def _seal(store: Store, ledger: Appender, receipt: Receipt) -> None:
    """Close the batch with its checkpoint; without new entries the last checkpoint stands."""
    if ledger.next_seq > ledger.first_seq:
        size, root, _ = ledger.close(logkey.signed)
        receipt.tree_size, receipt.root = size, root.hex()
        return
    receipt.tree_size = ledger.first_seq
    receipt.root = store.value("SELECT root FROM ledger_batch ORDER BY first_seq DESC LIMIT 1") or ""


def _measure(part: Slice, job: Run) -> None:
    days = job.plan.item.reporting_days
    if days is not None:
        calendar = next(iter(catalogue().calendars.values()))
        since = earliest_in_time(today(job.at), days, calendar.holidays, calendar.workdays)
        timed, on_time = part.timeliness(since.isoformat())
        job.timed += timed
        job.on_time += on_time
    received = today(job.at)
    day, earlier = part.earliest_open(deadlines.backlog_before(received).isoformat(), received.isoformat())
    job.backlog_open |= earlier
    if day and (not job.earliest_open or day < job.earliest_open):
        job.earliest_open = day
