"""Resolving a file (文件解析): every row of a file somebody has, answered as ``resolve`` answers a question.

Rows clear at sight (``resolve_sight``) come first; codes and names of the others are decided on the engine, some hundred
thousand rows at a time; only rows nothing is decided about are compared one by one. Citizens' numbers are neither looked
up nor written out. A cell that names a consortium (联合体) is answered member by member. ``place`` is the number of a question.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

import duckdb
import orjson
import pyarrow as pa
import pyarrow.compute as pc
from django.conf import settings

from chengxin.engine.connect import connect
from chengxin.engine.resolve import Question
from chengxin.intake import formats
from chengxin.intake.formats.headers import header_key
from chengxin.intake.formats.reading import Reading
from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text
from chengxin.operations import matching, matching_bulk, resolve_output
from chengxin.operations.candidates import Candidates
from chengxin.operations.resolve import CANDIDATES, MOST, Answer, Row, answers, words
from chengxin.operations.resolve_members import PLACES, by_member
from chengxin.operations.resolve_sight import AT_ONCE, Sight
from chengxin.operations.submit import open_file
from chengxin.resolution.resolve import CURRENT, MEANING, PERSON, WORDS, Confidence, Decision
from chengxin.resolution.resolve_one import Decided
from chengxin.storage import bulk

_SLICE = 150_000
IN_BULK = 5_000
"""From so many undecided rows on, the whole base is read and compared on the engine."""
_OFFERED = pa.schema([(name, pa.int64() if name == "row" else pa.string()) for name in (
    "row", "decision", "confidence", "reasons", "explanation", "candidates")])  # fmt: skip
_PARTY = pa.schema([("id", pa.string()), ("code", pa.string()), ("name", pa.string())])


def resolve_file(
    *,
    path: Path,
    name: str = "",
    code: str = "",
    out: Path | None = None,
    sheet: str | None = None,
    limit: int = CANDIDATES,
    progress: Callable[[str, int, int], None] = lambda stage, done, total: None,
) -> Mapping[str, object]:
    """Answer every row; ``name`` and ``code`` are headers, at least one is given. Returns the totals.

    ``{file, rows, answers, linked, decisions: {…}, confidence: {…}, reasons: {…}, ragged, clear, out}``; ``ragged`` are the numbers
    of rows whose columns could not be told apart, ``answers`` more than ``rows`` where consortia are named, ``clear`` says that nothing is left for a person. Raises Refusal ``resolve.columns``,
    ``resolve.format``, and what reading a file raises (``file.…``).
    """
    resolve_output.check(out)
    with open_file(path) as data, connect(Path(settings.HOME)) as con:
        reading, columns = _open(data, path, name, code, sheet)
        rows = _decide(con, reading, columns, limit, progress)
        _offer(con, limit, progress)
        if out is not None:
            resolve_output.write(con, _answers_sql(), out)
        totals = _totals(con)
        return {
            "file": path.name,
            "rows": rows,
            **totals,
            "ragged": [each.row for each in reading.ragged],
            "clear": totals["answers"] == totals["linked"] and not reading.ragged,
            "out": str(out) if out else None,
        }


def _open(data: BinaryIO, path: Path, name: str, code: str, sheet: str | None) -> tuple[Reading, dict[str, str]]:
    """The file, and for ``name`` and ``code`` the column of the raw table (``c0`` …)."""
    asked = {field: header for field, header in (("name", name), ("code", code)) if header}
    wanted = {header_key(header) for header in asked.values()}
    try:
        reading = formats.open_source(data, path.name, sheet=sheet, known=lambda text: header_key(text) in wanted)
    except Refusal as refusal:
        if refusal.rule != "file.layout":
            raise
        # no row holds what was named: take the first for the header, to say what there is
        reading = formats.open_source(data, path.name, sheet=sheet, known=lambda text: True)
    keys = [header_key(column) for column in reading.columns]
    missing = [header for header in asked.values() if header_key(header) not in keys]
    if missing or not wanted:
        there = "、".join(filter(None, reading.columns))
        what = Text("没有指明名称列或代码列", "neither a name nor a code column was named")
        if missing:
            what = Text(f"文件中没有这些列：{'、'.join(missing)}", f"the file has no such column: {', '.join(missing)}")
        raise Refusal(
            "resolve.columns",
            what,
            where=Text(path.name, path.name),
            remedy=Text(
                f"用 --name 和 --code 指明列；文件中有：{there}",
                f"name them with --name and --code; there are: {there}",
            ),
        )
    return reading, {field: f"c{keys.index(header_key(header))}" for field, header in asked.items()}


def _decide(
    con: duckdb.DuckDBPyConnection,
    reading: Reading,
    columns: Mapping[str, str],
    limit: int,
    progress: Callable[[str, int, int], None],
) -> int:
    """Make ``clear`` (see ``resolve_sight``), ``decided`` (the other questions with what was decided) and ``party`` (the
    subjects those are linked to). Returns how many rows the file has."""
    con.execute(
        """CREATE TABLE decided (place BIGINT, part VARCHAR, name VARCHAR, code VARCHAR, subject VARCHAR, how VARCHAR,
                                 problem VARCHAR, permit BOOLEAN, fault VARCHAR, checked VARCHAR)"""
    )
    con.execute("CREATE TABLE party (id VARCHAR, code VARCHAR, name VARCHAR)")
    done = 0
    with bulk.reading() as store:
        sight, base = Sight(con, store), Candidates(con, store, whole=False)
        waiting: list[pa.Table] = []
        for rows in _portions(reading):
            progress("linking", done, reading.rows_hint or 0)
            name, code = (_column(rows, columns.get(field)) for field in ("name", "code"))
            places = pc.multiply(rows["row"], PLACES)
            waiting.append(sight.take(pa.table({"place": places, "name": name, "code": code})))
            done += rows.num_rows
            while sum(each.num_rows for each in waiting) >= _SLICE:
                left = pa.concat_tables(waiting)
                _link(con, store, base, left.slice(0, _SLICE))
                waiting = [left.slice(_SLICE)]
        if any(each.num_rows for each in waiting):
            _link(con, store, base, pa.concat_tables(waiting))
        _compare_in_bulk(con, store, limit)
    return done


def _link(con: duckdb.DuckDBPyConnection, store: bulk.Store, base: Candidates, rows: pa.Table) -> None:
    """Add to ``decided`` and ``party`` what the rules of linking say of these rows (``place, name, code``)."""
    asked = by_member(rows)
    question = Question(con.cursor(), asked.rename_columns({"place": "row"}))
    base.provide(question)
    question.con.register("asked_part", asked)
    question.con.register("found", question.decided())
    question.con.execute(
        f"""INSERT INTO decided
            SELECT place, a.part, a.name, CASE WHEN f.fault IS DISTINCT FROM '{PERSON}' THEN a.code END, subject, how, problem,
                   f.permit, f.fault, coalesce(p.code, p.registration_no, p.organisation_code)
            FROM asked_part a JOIN found f ON f.row = a.place JOIN prepared p ON p.row = a.place"""
    )
    linked = question.con.sql("SELECT DISTINCT subject AS id FROM found WHERE subject IS NOT NULL").to_arrow_table()
    store.temporary("wanted_party", linked)
    wanted = store.temporary_name("wanted_party")
    parties = store.table(
        f"SELECT s.id, s.code, s.name FROM {wanted} w {store.from_left} subject s ON s.id = w.id", schema=_PARTY
    )
    question.con.register("parties", parties)
    question.con.execute("INSERT INTO party SELECT * FROM parties ANTI JOIN party USING (id)")
    question.con.close()


def _compare_in_bulk(con: duckdb.DuckDBPyConnection, store: bulk.Store, limit: int) -> None:
    """Make ``near``: candidates of undecided rows, where there are so many that the base is better read whole."""
    con.register("none_near", matching.CANDIDATES.empty_table())
    con.execute("CREATE TABLE near AS SELECT * FROM none_near")
    open_rows = f"FROM decided WHERE subject IS NULL AND fault IS DISTINCT FROM '{PERSON}'"
    ((count,),) = con.execute(f"SELECT count(*) {open_rows}").fetchall()
    if count < IN_BULK:
        return
    after = -1
    while True:
        rows = con.sql(
            f"SELECT place AS row, name, checked AS code {open_rows} AND place > {after} ORDER BY place LIMIT {_SLICE}"
        ).to_arrow_table()
        if not rows.num_rows:
            return
        found = matching_bulk.candidates(con, store, rows, limit=limit)
        con.register("found_near", found)
        con.execute("INSERT INTO near SELECT * FROM found_near")
        after = rows["row"][-1].as_py()


def _portions(reading: Reading) -> Iterator[pa.Table]:
    gathered: list[pa.RecordBatch] = []
    for batch in reading.batches():
        gathered.append(batch)
        if sum(each.num_rows for each in gathered) >= AT_ONCE:
            yield pa.Table.from_batches(gathered)
            gathered = []
    if gathered:
        yield pa.Table.from_batches(gathered)


def _column(rows: pa.Table, column: str | None) -> pa.ChunkedArray | pa.Array:
    return rows[column] if column else pa.nulls(rows.num_rows, pa.string())


def _offer(con: duckdb.DuckDBPyConnection, limit: int, progress: Callable[[str, int, int], None]) -> None:
    """Make ``offered``: what is said of rows that are linked to nobody."""
    con.register("nothing_offered", _OFFERED.empty_table())
    con.execute("CREATE TABLE offered AS SELECT * FROM nothing_offered")
    ((total,),) = con.execute("SELECT count(*) FROM decided WHERE subject IS NULL").fetchall()
    ((in_bulk,),) = con.execute("SELECT count(*) > 0 FROM near").fetchall()
    done, after = 0, -1
    while done < total:
        progress("comparing", done, total)
        part = con.execute(
            f"""SELECT place, name, checked, problem, permit, fault FROM decided WHERE subject IS NULL AND place > {after}
                ORDER BY place LIMIT {MOST}"""
        ).fetchall()
        rows = [
            Row(number, name or "", code or "", "", Decided(problem=problem or ""), permit, fault or "")
            for number, name, code, problem, permit, fault in part
        ]
        near = _near(con, part[0][0], part[-1][0]) if in_bulk else None
        found = answers(rows, limit=limit, near=near)
        said = [_said(row.number, answer) for row, answer in zip(rows, found, strict=True)]
        con.register("said", pa.Table.from_pylist(said, schema=_OFFERED))
        con.execute("INSERT INTO offered SELECT * FROM said")
        done, after = done + len(part), part[-1][0]


def _near(con: duckdb.DuckDBPyConnection, first: int, last: int) -> dict[int, list[dict[str, str]]]:
    listed = con.sql(f'SELECT * FROM near WHERE row BETWEEN {first} AND {last} ORDER BY row, "rank"').to_arrow_table()
    found: dict[int, list[dict[str, str]]] = {}
    for one in listed.to_pylist():
        found.setdefault(one["row"], []).append(one)
    return found


def _said(number: int, answer: Answer) -> dict[str, object]:
    listed = [
        {
            "subject": one.subject.id,
            "code": one.subject.code,
            "name": one.subject.name,
            "matched": one.name,
            "name_kind": one.name_kind,
            "score": one.score,
            "reasons": one.reasons,
        }
        for one in answer.candidates
    ]
    return {
        "row": number,
        "decision": answer.decision,
        "confidence": answer.confidence,
        "reasons": ";".join(answer.reasons),
        "explanation": "；".join(words(reason).zh for reason in answer.reasons),
        "candidates": orjson.dumps(listed).decode() if listed else "",
    }


def _answers_sql() -> str:
    """Every question with its answer: ``place`` and the columns of ``resolve_output.COLUMNS``."""
    meaning = ", ".join(
        f"('{how}', '{decision}', '{confidence}', '{WORDS[how].zh}')" for how, (decision, confidence) in MEANING.items()
    )
    decision, confidence = MEANING[CURRENT]
    return f"""
        SELECT place, place // {PLACES} AS row, name, code, '{decision}' AS decision, subject, code AS subject_code,
               name AS subject_name, '{confidence}' AS confidence, '{CURRENT}' AS reasons, '{WORDS[CURRENT].zh}' AS explanation,
               '' AS candidates, '' AS part
        FROM clear
        UNION ALL
        SELECT d.place, d.place // {PLACES}, d.name, d.code, coalesce(m.decision, o.decision), d.subject, p.code, p.name,
               coalesce(m.confidence, o.confidence),
               CASE WHEN d.subject IS NULL THEN o.reasons
                    ELSE concat_ws(';', d.how, CASE WHEN d.permit THEN 'permit' END, d.fault) END,
               coalesce(m.words, o.explanation), coalesce(o.candidates, ''), d.part
        FROM decided d LEFT JOIN offered o ON o.row = d.place LEFT JOIN party p ON p.id = d.subject
        LEFT JOIN (VALUES {meaning}) m (how, decision, confidence, words) ON m.how = d.how"""


def _totals(con: duckdb.DuckDBPyConnection) -> Mapping[str, object]:
    decisions, confidence, reasons = Counter[str](), Counter[str](), Counter[str]()
    counted = f"SELECT decision, confidence, reasons, count(*) FROM ({_answers_sql()}) GROUP BY ALL"
    for decided, how_sure, why, count in con.execute(counted).fetchall():
        decisions[decided] += count
        confidence[how_sure] += count
        reasons.update(dict.fromkeys(filter(None, why.split(";")), count))
    return {
        "answers": decisions.total(),
        "linked": decisions[Decision.BY_CODE] + decisions[Decision.BY_NAME],
        "decisions": {each.value: decisions[each] for each in Decision},
        "confidence": {each.value: confidence[each] for each in Confidence},
        "reasons": dict(sorted(reasons.items(), key=lambda item: (-item[1], item[0]))),
    }
