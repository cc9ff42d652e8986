"""Data extension (数据扩充) of the reconciliation service: public data about subjects, as columns of somebody's table."""

from collections.abc import Mapping
from datetime import date

from chengxin.kernel.periods import today
from chengxin.operations import lookup
from chengxin.subjects.model import Subject
from chengxin.web.reconcile.queries import unreadable
from chengxin.web.reconcile.vocabulary import RECORDS, TYPES, Property, both, properties

MOST = 500
"""Subjects in one request."""
WIDEST = 200
"""Properties in one request; there are fewer. Every subject gets a value for each, known or not."""
Value = dict[str, object]


def extended(asked: object) -> dict[str, object]:
    """The answer to a data extension query. Raises Refusal ``reconcile.query`` for what is none.

    A property or a subject that is not there gets no values; sole traders pass the masking that pages do.
    """
    ids, wanted = _read(asked)
    known = properties()
    chosen = [known.get(id, None) for id in wanted]
    meta = [{"id": id, "name": both(each.name) if each else id} for id, each in zip(wanted, chosen, strict=True)]
    on = today()
    rows = {id: _row(lookup.subject(id), [each for each in chosen if each], wanted, on) for id in ids}
    return {"meta": meta, "rows": rows}


def _read(asked: object) -> tuple[list[str], list[str]]:
    if not isinstance(asked, Mapping):
        raise unreadable("extend")
    ids, wanted = asked.get("ids"), asked.get("properties")
    if not isinstance(ids, list) or not isinstance(wanted, list) or len(ids) > MOST or len(wanted) > WIDEST:
        raise unreadable(f"extend: ids (≤ {MOST}), properties (≤ {WIDEST})")
    named = [each.get("id") if isinstance(each, Mapping) else None for each in wanted]
    if not all(isinstance(each, str) for each in (*ids, *named)):
        raise unreadable("extend: ids, properties")
    return [str(each) for each in ids], [str(each) for each in named]


def _row(found: Subject | None, chosen: list[Property], wanted: list[str], on: date) -> dict[str, list[Value]]:
    row: dict[str, list[Value]] = {id: [] for id in wanted}
    if found is None:
        return row
    counted = any(each.id.startswith(RECORDS) for each in chosen)
    counts = lookup.published_counts(found, on) if counted else {}
    return row | {each.id: _values(found, each, counts) for each in chosen}


def _values(found: Subject, asked: Property, counts: Mapping[str, int]) -> list[Value]:
    if asked.form == "int":
        return [{"int": counts.get(asked.id.removeprefix(RECORDS), 0)}]
    texts = _texts(found, asked.id)
    if asked.form == "date":
        return [{"date": f"{text}T00:00:00+08:00"} for text in texts]
    return [{"str": text} for text in texts]


def _texts(found: Subject, id: str) -> list[str]:
    own = {
        "code": [found.code],
        "name": [found.name],
        "former_names": [name.text for name in found.names if name.kind == "former"],
        "legacy_codes": [code.value for code in found.codes if code.state != "current"],
        "kind": [both(TYPES[found.kind])],
        "status": [found.status],
    }
    return [text for text in own.get(id, [found.registration.get(id, "")]) if text]
