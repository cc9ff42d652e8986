"""Findings (校核问题) in the store: what a run of the cross-check found is laid beside what was known before."""

import pyarrow as pa

from chengxin.storage.bulk import Store
from chengxin.subjects.crosscheck import State, Step

SCHEMA = pa.schema([(name, pa.string()) for name in ("rule", "key", "code", "department", "owner", "detail")])


def put(store: Store, found: pa.Table, *, at: str) -> None:
    """Take in everything one run found (``SCHEMA``) at a moment (UTC, ISO 8601).

    New findings are opened; what was explained is opened again when its evidence has changed; what was open and is not
    there any more is gone; what was gone and is back is opened again. Each of these is an event.
    """
    store.temporary("found", found.cast(SCHEMA))
    now = store.temporary_name("found")
    here = f"JOIN {now} n ON n.rule = f.rule AND n.key = f.key"
    open_states = f"('{State.OPEN}', '{State.TAKEN}')"
    _tell(store, Step.CHANGED, f"{here} WHERE f.state <> '{State.GONE}' AND f.detail <> n.detail", at)
    _tell(store, Step.REOPENED, f"{here} WHERE f.state = '{State.GONE}'", at)
    missing = f"NOT EXISTS (SELECT 1 FROM {now} n WHERE n.rule = f.rule AND n.key = f.key)"
    _tell(store, Step.GONE, f"WHERE f.state IN {open_states} AND {missing}", at)
    store.execute(f"UPDATE finding AS f SET state = '{State.GONE}' WHERE state IN {open_states} AND {missing}")
    store.execute(
        f"""UPDATE finding SET detail = n.detail, code = n.code, department = n.department, last_at = ?,
                owner = CASE WHEN finding.owner = '' THEN n.owner ELSE finding.owner END,
                state = CASE WHEN finding.state = '{State.GONE}' THEN '{State.OPEN}'
                             WHEN finding.state = '{State.EXPLAINED}' AND finding.detail <> n.detail THEN '{State.OPEN}'
                             ELSE finding.state END
            FROM {now} n WHERE n.rule = finding.rule AND n.key = finding.key""",
        (at,),
    )
    store.temporary("newcomer", _newcomers(store, now))
    new = store.temporary_name("newcomer")
    store.execute(
        f"""INSERT INTO finding (id, rule, key, code, department, owner, state, detail, first_at, last_at)
            SELECT w.id, n.rule, n.key, n.code, n.department, n.owner, '{State.OPEN}', n.detail, ?, ?
            FROM {new} w JOIN {now} n ON n.rule = w.rule AND n.key = w.key""",
        (at, at),
    )
    store.execute(
        f"""INSERT INTO finding_event (finding, number, at, by, act, note)
            SELECT w.id, 1, ?, '', '{Step.FOUND}', '' FROM {new} w ORDER BY w.id""",
        (at,),
    )


def _newcomers(store: Store, now: str) -> pa.Table:
    return store.table(
        f"""SELECT (SELECT coalesce(max(id), 0) FROM finding) + row_number() OVER (ORDER BY n.rule, n.key) AS id,
                   n.rule, n.key
            FROM {now} n LEFT JOIN finding f ON f.rule = n.rule AND f.key = n.key WHERE f.id IS NULL""",
        schema=pa.schema([("id", pa.int64()), ("rule", pa.string()), ("key", pa.string())]),
    )


def _tell(store: Store, step: Step, which: str, at: str) -> None:
    store.execute(
        f"""INSERT INTO finding_event (finding, number, at, by, act, note)
            SELECT f.id, (SELECT max(e.number) + 1 FROM finding_event e WHERE e.finding = f.id), ?, '', '{step}', ''
            FROM finding f {which} ORDER BY f.id""",
        (at,),
    )
