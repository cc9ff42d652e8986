"""Slices (分片): a file goes through the engine some hundred thousand rows at a time, each row to exactly one outcome.

Tables a slice leaves in the engine, each made anew for the next slice:

``mended``     rows that were not sound at the first look: every cell normalised, and as it was sent
``checked``    every row: failed rules as bit masks, what it is linked and keyed by, its window
``classified`` every row: its subject and record id, and its outcome where that is already clear
``settled``    every row: its outcome
``stated``     the rows that become entries, numbered: what ``engine.projections`` works on
``contents``   their canonical content, for the ledger

Content is written where it is read, from the slice and from ``mended``: in a table of its own it would be copied twice more.
"""

from collections.abc import Iterator, Mapping
from functools import cache, partial
from operator import is_

import duckdb
import ibis
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from chengxin.engine.checking import Checker
from chengxin.engine.connect import sql
from chengxin.engine.content import content_sql, object_sql, simple_content_sql, with_cells_sql
from chengxin.engine.plan import PROJECTED, Plan, failed_sql
from chengxin.intake import checks
from chengxin.intake.mapping import APPROXIMATE
from chengxin.intake.rules.persons import PERSONAL
from chengxin.records import standing
from chengxin.records.fold import EFFECTS, Mark
from chengxin.records.model import Act
from chengxin.resolution import judgement, linking

SEPARATOR = "chr(31)"
FEW = 3
"""Where more than one in so many rows is to be mended, they are no longer few."""

_BACK = int(EFFECTS[Act.STATE].clears)

_TOLD_BEFORE = """
SELECT row FROM classified
WHERE id IS NOT NULL AND (id IN (SELECT id FROM stored) OR id IN (
    SELECT id FROM classified WHERE id IS NOT NULL GROUP BY id HAVING count(*) > 1))
"""
_CONTESTED = """
SELECT c.row, t.prefix, k.is_recertified, s.source, s.content, coalesce(s.marks, 0) AS marks,
       coalesce(lag(t.prefix) OVER w, s.content) AS before, lag(t.prefix) OVER w IS NULL AS is_first,
       -- what the file says in the end is what is stored: it was here before
       coalesce(starts_with(s.content, last_value(t.prefix) OVER w), false) AS repeated
FROM told t JOIN classified c USING (row) JOIN checked k USING (row) LEFT JOIN stored s USING (id)
WINDOW w AS (PARTITION BY c.id ORDER BY c.row ROWS BETWEEN UNBOUNDED PRECEDING AND UNBOUNDED FOLLOWING)
"""
_SETTLED = f"""
SELECT row, id, subject, how,
       CASE WHEN outcome IS NOT NULL THEN outcome
            -- what was erased is not kept in quarantine either: refused, by row number and rule
            WHEN hindrance = '{standing.ERASED}' THEN 'refused'
            WHEN hindrance IS NOT NULL THEN 'quarantined'
            WHEN before IS NULL THEN 'accepted'
            WHEN is_same THEN 'unchanged'
            ELSE 'corrected' END AS outcome,
       coalesce(hindrance, problem) AS problem
FROM (SELECT *, CASE WHEN outcome IS NOT NULL THEN NULL
                     WHEN marks & {int(Mark.ERASED)} <> 0 THEN '{standing.ERASED}'
                     WHEN marks & {int(Mark.WITHDRAWN)} <> 0 AND (NOT is_recertified OR starts_with(content, prefix))
                         THEN '{standing.WITHDRAWN}'
                     WHEN source <> getvariable('source') AND NOT is_same THEN '{standing.OTHER_SOURCE}' END AS hindrance
      FROM (SELECT *, -- a record that was taken from the public comes back by the same words, too
                      starts_with(before, prefix) AND NOT (is_first AND marks & {_BACK} <> 0)
                      OR repeated AND marks & {_BACK} = 0 AS is_same
            FROM classified LEFT JOIN contested USING (row)))
"""
_WAYS = ", ".join(f"'{how}'" for how in linking.WAYS)


class Slice:
    """One slice on its way, on a connection of its own, so that its tables are nobody else's.

    The methods are called in the order in which they stand here.
    """

    def __init__(self, con: duckdb.DuckDBPyConnection, plan: Plan, checker: Checker) -> None:
        self.con = con
        self._plan = plan
        self._checker = checker
        self._rows = self._sound = self._first = 0
        self._mending = False
        self._again_sent = "slice"

    def check(self, rows: pa.Table, *, look_first: bool = True) -> int:
        """Map, normalise, check and key the raw rows (``row``, ``c0`` …); returns how many were sound as sent.

        Most rows of a good file are. What finds that out is cheap, what mends and judges a row is not; so only the
        others go that way, all of them where it is known that the file is not such a file (``look_first`` false).
        """
        rows = _as_texts(rows)
        self.con.register("slice", rows)
        self._rows = rows.num_rows
        checked, others = [], rows
        if look_first:
            looked = self._checker.look(rows)
            checked.append(looked.filter(looked["sound"]))
            self._sound = checked[0].num_rows
            others = rows.filter(pc.is_in(rows["row"], looked.filter(pc.invert(looked["sound"]))["row"]))
        self._mending = others.num_rows > 0
        if others.num_rows > rows.num_rows / FEW:
            # in tables of the engine, which may leave the memory
            self.con.register("others", others)
            self._make("mended", self._plan.normalised_sql("SELECT * FROM others"))
            self.con.unregister("others")
            checked.append(self._arrow(self._plan.judged_sql("SELECT * FROM mended")))
        elif self._mending:
            mended, judged = self._checker.mend(others)
            self.con.register("mended", mended)
            checked.append(judged)
        self.con.register("checked_rows", pa.concat_tables(checked))
        self._make("checked", "SELECT * FROM checked_rows")
        self.con.unregister("checked_rows")
        self.con.execute("CREATE OR REPLACE TEMP TABLE clear (row BIGINT, subject VARCHAR)")
        return self._sound

    def close(self) -> None:
        """Let go of the slice's tables."""
        self.con.close()

    def coded(self) -> int:
        """How many rows carry a checked code."""
        return self._count("SELECT count(link_code) FROM checked")

    def see(self, plain: str) -> None:
        """Link the rows whose code and name stand in the table ``plain``; see ``resolution.linking.plain``."""
        self.con.execute(
            f"""INSERT INTO clear SELECT DISTINCT c.row, p.subject FROM checked c
                JOIN {plain} p ON p.code = c.link_code AND p.norm = c.link_norm"""
        )

    def wanted_codes(self) -> pa.Table:
        """Distinct codes of any scheme that rows not seen yet may be linked by: ``code``, sorted.

        An old number counts where there is no unified code or the base does not know it.
        """
        return self._arrow(
            """WITH asking AS (SELECT * FROM checked ANTI JOIN clear USING (row))
               SELECT DISTINCT code FROM (
                   SELECT link_code AS code FROM asking
                   UNION ALL SELECT link_registration FROM asking
                   UNION ALL SELECT link_organisation FROM asking
                   UNION ALL SELECT link_former FROM asking
               ) WHERE code IS NOT NULL ORDER BY code"""
        )

    def wanted_names(self) -> pa.Table:
        """Distinct normalised names of rows without a checked code: ``norm``, sorted."""
        return self._arrow(
            "SELECT DISTINCT link_norm AS norm FROM checked WHERE link_code IS NULL AND link_norm IS NOT NULL ORDER BY norm"
        )

    def link(self, judged: pa.Table | None = None) -> None:
        """Find each row's subject among the tables ``link_codes`` and ``link_names``; see ``resolution.linking``.

        ``judged`` (``row, subject``): rows of which a person has said whom they speak of; see ``resolution.judgement``.
        """
        self.con.execute(
            """CREATE OR REPLACE TEMP VIEW link_rows AS
               SELECT row, link_code AS code, link_former AS former_code, link_registration AS registration_no,
                      link_organisation AS organisation_code, link_norm AS norm
               FROM checked ANTI JOIN clear USING (row) WHERE NOT is_refused"""
        )
        self._make(
            "linked",
            f"""SELECT row, subject, how, problem FROM ({self._plan.link_sql})
                UNION ALL SELECT row, subject, 'code', NULL FROM clear""",
        )
        if judged is not None:
            self.con.register("judged", judged)
            self._make("linked", _overruled_sql())
        self._make(
            "classified",
            f"""SELECT * EXCLUDE (key_number, key_authority),
                       CASE WHEN outcome IS NULL THEN unhex(left(sha256(concat_ws({SEPARATOR},
                           '{self._plan.item.acts_on or self._plan.item.id}', subject, key_number, key_authority)), 32)) END AS id
                FROM (SELECT row, key_number, key_authority, subject, how,
                             -- a row that fails its own checks is not also reproached with an unknown subject
                             CASE WHEN problem = '{linking.DISAGREES}' OR NOT is_wrong THEN problem END AS problem,
                             CASE WHEN is_refused THEN 'refused'
                                  WHEN is_wrong OR problem = '{linking.DISAGREES}' THEN 'quarantined'
                                  WHEN problem IS NOT NULL THEN 'unlinked' END AS outcome
                      FROM checked LEFT JOIN linked USING (row))""",
        )

    def wanted_records(self) -> pa.Table:
        """Distinct record ids that rows speak of: ``id`` (16 bytes), sorted."""
        return self._arrow("SELECT DISTINCT id FROM classified WHERE id IS NOT NULL ORDER BY id")

    def settle(self, stored: pa.Table, *, source: str, next_seq: int) -> int:
        """Give each row its outcome and number the new entries from ``next_seq``; returns how many there are.

        ``stored``: ``id, seq, source, marks, content`` of the records that exist already. A row that says what the record
        says is unchanged, one that says something else is a correction, in the order of the file; where the file's last
        word on a record is what the record says, the file was here before and its earlier words change nothing. Which
        records a row may not speak of stands in ``records.standing``.
        """
        self.con.register("stored_rows", stored)
        self._make("stored", "SELECT * FROM stored_rows")
        self.con.execute("SET VARIABLE source = ?", [source])
        if self._plan.item.acts_on:
            self._make("settled", _acting_sql(Act(self._plan.item.act)))
        else:
            # Only ids met before, or twice in the slice, need looking at in order.
            self._make("again", _TOLD_BEFORE)
            if self._count("SELECT count(*) FROM again") <= self._rows / FEW:
                self._again_sent = "again_sent"
                self._pick(self._again_sent, "SELECT row FROM again")
            self._make("told", self.said_sql("SELECT row FROM again", sent=self._again_sent))
            self._make("contested", _CONTESTED)
            self.con.execute("DROP TABLE told")
            self._make("settled", _SETTLED)
        # Contents are a kilobyte each, and sorting them would take as long as writing them: entries are numbered as the
        # contents come, those of untouched rows first. Rows that speak of one record keep their order among themselves.
        late = "NOT sound" if self._plan.item.acts_on else "NOT sound OR row IN (SELECT row FROM again)"
        self._first = next_seq
        self._make(
            "stated",
            f"""SELECT {next_seq} + row_number() OVER (ORDER BY late, row) - 1 AS seq, *
                FROM (SELECT row, s.id, s.subject, s.how, c.name, c.link_norm AS norm, c.link_code AS code,
                             c.key_authority AS authority, c.decided_on, {", ".join(PROJECTED)}, {late} AS late, sound, simple_
                      FROM settled s JOIN checked c USING (row) WHERE s.outcome IN ('accepted', 'corrected'))""",
        )
        self.con.execute(f"CREATE OR REPLACE TEMP VIEW contents AS {self._contents_sql()}")
        return self._count("SELECT count(*) FROM stated")

    def _contents_sql(self) -> str:
        entries = f"""SELECT row, seq, late, sound, simple_, CASE WHEN how IN ({_WAYS}) THEN '"linked":"' || how || '",' END AS linked_,
                             '"record":"' || lower(hex(id)) || '","subject":' || to_json(subject) || '}}' AS subject_
                      FROM stated"""
        sent = object_sql(self._plan.item, only_changed=True)
        original = f"""CASE WHEN changed THEN nullif('"original":' || {sent} || ',', '"original":{{}},') END"""
        mended = with_cells_sql(self._plan.item, "SELECT * FROM mended", where="changed")
        parts = self._of_sound(f"{entries} WHERE NOT late", "slice", "linked_", "subject_")
        late = self._of_mended(entries, "linked_", original, "subject_", mended=f"({mended})")
        if not self._plan.item.acts_on:
            late += self._of_sound(f"{entries} WHERE late", self._again_sent, "linked_", "subject_")
        if late:
            parts.append(f"(SELECT * FROM ({' UNION ALL '.join(late)}) ORDER BY seq)")
        return " UNION ALL ".join(parts)

    def _of_sound(self, among: str, sent: str, *more: str) -> list[str]:
        """SQL of ``content`` beside the columns of ``among``, for those of its rows that are sound; none for none.

        ``among`` is a query for ``row, sound, simple_`` and what ``more`` SQL after the kind reads; ``sent`` the table with
        their cells.
        """
        if not self._sound:
            return []
        item = self._plan.item
        content = f"CASE WHEN simple_ THEN {simple_content_sql(item, *more)} ELSE {content_sql(item, *more)} END"
        cells = self._plan.sent_sql(f"SELECT * FROM {sent}")
        return [f"SELECT a.*, {content} AS content FROM ({cells}) JOIN ({among}) a USING (row) WHERE a.sound"]

    def _of_mended(self, among: str, *more: str, mended: str = "mended") -> list[str]:
        """The same for those that were mended."""
        if not self._mending:
            return []
        content = content_sql(self._plan.item, *more)
        return [f"SELECT a.*, {content} AS content FROM {mended} JOIN ({among}) a USING (row)"]

    def said_sql(self, among: str, sent: str = "slice") -> str:
        """The SQL of ``row, prefix``: content up to the kind, of the rows of the query ``among``.

        The table ``sent`` must hold the cells of those that are sound.
        """
        flagged = f"SELECT row, sound, simple_ FROM checked SEMI JOIN ({among}) USING (row)"
        parts = self._of_sound(flagged, sent) + self._of_mended(flagged)
        return f"SELECT row, content AS prefix FROM ({' UNION ALL '.join(parts)})"

    def contents(self, rows: int) -> Iterator[pa.RecordBatch]:
        """The new entries' canonical contents in their order: ``seq, content``, at most ``rows`` at a time.

        Raises ValueError where one is missing.
        """
        following, waiting = self._first, {}
        # several threads write them, each some thousand in order
        for found in self.con.sql("SELECT seq, content FROM contents").to_arrow_reader(rows):
            seqs = found.column("seq").to_numpy()
            starts = [0, *(np.flatnonzero(np.diff(seqs) != 1) + 1).tolist()]
            for start, end in zip(starts, [*starts[1:], len(seqs)], strict=True):
                waiting[int(seqs[start])] = found.slice(start, end - start)
            while (stretch := waiting.pop(following, None)) is not None:
                following += stretch.num_rows
                yield stretch
        if waiting:
            raise ValueError(f"no content came for entry {following}")

    def outcomes(self) -> Mapping[str, int]:
        """How many rows had which outcome."""
        return dict(self.con.execute("SELECT outcome, count(*) FROM settled GROUP BY outcome").fetchall())

    def warn(self, entries: pa.Table, problem: str) -> None:
        """Note a problem with rows that are stored, by their entries (``seq``)."""
        if entries.num_rows:
            self.con.register("warned", entries)
            self.con.execute(
                """UPDATE settled SET problem = $problem
                   WHERE row IN (SELECT row FROM stated SEMI JOIN warned USING (seq))""",
                {"problem": problem},
            )

    def problems(self) -> Iterator[pa.RecordBatch]:
        """Rows that were not simply stored, or were stored with a warning.

        ``row, outcome, problem, <masks>, cells``; cells only of quarantined and unlinked rows.
        """
        rules, masks = self._plan.rules, ", ".join(self._plan.masks)
        warned = failed_sql(rules, self._plan.masks, lambda rule: rule.level == checks.WARNING)
        self._make(
            "troubled",
            f"""SELECT s.row, s.outcome, s.problem, {masks} FROM settled s JOIN checked c USING (row)
                WHERE s.outcome IN ('quarantined', 'unlinked', 'refused') OR s.problem IS NOT NULL OR {warned}""",
        )
        persons = {rule.field: rule for rule in rules if rule.id.endswith(PERSONAL)}
        erased = {field: failed_sql(rules, self._plan.masks, partial(is_, rule)) for field, rule in persons.items()}
        sent = object_sql(self._plan.item, erased=erased)
        asked = f"SELECT row, {masks} FROM troubled WHERE outcome IN ('quarantined', 'unlinked')"
        tables = []
        if self._mending:
            tables.append("SELECT * FROM mended")
        others = f"{asked} AND row NOT IN (SELECT row FROM mended)" if self._mending else asked
        if not self._mending or self._count(f"SELECT count(*) FROM ({others})"):
            self._pick("asked_sent", others)
            tables.append(self._plan.sent_sql("SELECT * FROM asked_sent"))
        queries = (
            with_cells_sql(self._plan.item, f"SELECT * FROM ({rows}) JOIN ({asked}) USING (row)") for rows in tables
        )
        # a row that waits brings along which of its fields something else stands in for
        marked = f"""CASE WHEN approximate IS NULL THEN {sent}
                     ELSE json_merge_patch({sent}, json_object('{APPROXIMATE}', approximate))::VARCHAR END"""
        cells = [f"SELECT row, {marked} AS cells FROM ({query})" for query in queries]
        return iter(
            self.con.sql(
                f"""SELECT t.row, t.outcome, t.problem, {masks}, k.cells FROM troubled t
                    LEFT JOIN ({" UNION ALL ".join(cells)}) k USING (row) ORDER BY t.row"""
            ).to_arrow_reader(32_768)
        )

    def see_changed(self) -> int:
        """Make the view ``normalised`` of rows with a cell that was changed, refused ones left out; how many there are."""
        if not self._mending:
            return 0
        self.con.execute(
            """CREATE OR REPLACE TEMP VIEW normalised AS SELECT mended.* FROM mended JOIN checked USING (row)
               WHERE mended.changed AND NOT is_refused"""
        )
        return self._count("SELECT count(*) FROM normalised")

    def changed(self) -> pa.Table:
        """The rows of ``normalised``, where there are any."""
        return self._arrow("SELECT * FROM normalised")

    def timeliness(self, since: str) -> tuple[int, int]:
        """Of the rows taken in: how many carry a decision date, and how many one on or after ``since`` (ISO date)."""
        ((timed, on_time),) = self.con.execute(
            """SELECT count(decided_on), count(*) FILTER (decided_on >= CAST(? AS DATE))
               FROM checked JOIN settled USING (row) WHERE outcome IN ('accepted', 'corrected')""",
            [since],
        ).fetchall()
        return timed, on_time

    def earliest_open(self, since: str, until: str) -> tuple[str, bool]:
        """Of the rows that wait for a person: the earliest decision date from ``since`` to ``until`` (ISO, empty when there
        is none), and whether there is one before ``since``."""
        ((day, earlier),) = self.con.execute(
            """SELECT (min(decided_on) FILTER (decided_on >= CAST($since AS DATE)))::VARCHAR,
                      coalesce(bool_or(decided_on < CAST($since AS DATE)), false)
               FROM checked JOIN settled USING (row) WHERE outcome IN ('quarantined', 'unlinked')
               AND decided_on BETWEEN DATE '0001-01-01' AND CAST($until AS DATE)""",
            {"since": since, "until": until},
        ).fetchall()
        return day or "", earlier

    def _pick(self, table: str, rows: str) -> None:
        """Make ``table`` of those rows of the slice that ``rows`` asks for, in one piece.

        A join that few rows pass hands on a handful at a time, and thousands of expressions would be begun for each.
        """
        self.con.register(table, self._arrow(f"SELECT slice.* FROM slice SEMI JOIN ({rows}) USING (row)"))

    def _make(self, table: str, query: str) -> None:
        self.con.execute(f"CREATE OR REPLACE TEMP TABLE {table} AS {query}")

    def _arrow(self, query: str) -> pa.Table:
        return self.con.sql(query).to_arrow_table()

    def _count(self, query: str) -> int:
        # all rows, even of one: the engine takes no other work before a result is read to its end
        ((count,),) = self.con.execute(query).fetchall()
        return int(count)


def _as_texts(rows: pa.Table) -> pa.Table:
    """Raw rows in the types that statements are planned for: a column of blanks alone may have another."""
    types = {name: pa.int64() if name == "row" else pa.string() for name in rows.column_names}
    return rows.cast(pa.schema(types.items()))


def _acting_sql(act: Act) -> str:
    """``settled`` for rows that act on the records they name: each record once, and only by its source."""
    barred = EFFECTS[act].bars
    return f"""
        SELECT row, id, subject, how,
               CASE WHEN outcome IS NOT NULL THEN outcome
                    WHEN hindrance IS NOT NULL THEN 'quarantined'
                    WHEN marks & {int(EFFECTS[act].sets)} <> 0 OR place > 1 THEN 'unchanged'
                    ELSE 'accepted' END AS outcome,
               coalesce(hindrance, problem) AS problem
        FROM (SELECT c.*, s.marks, row_number() OVER (PARTITION BY c.id ORDER BY c.row) AS place,
                     CASE WHEN c.outcome IS NOT NULL THEN NULL
                          WHEN s.id IS NULL OR s.marks & {int(barred & ~EFFECTS[act].sets)} <> 0 THEN '{standing.UNKNOWN}'
                          WHEN s.source <> getvariable('source') THEN '{standing.OTHER_SOURCE}' END AS hindrance
              FROM classified c LEFT JOIN stored s USING (id))"""


@cache
def _overruled_sql() -> str:
    linked, judged = ibis.table(judgement.LINKED, name="linked"), ibis.table(judgement.JUDGED, name="judged")
    return sql(judgement.overrule(linked, judged))
