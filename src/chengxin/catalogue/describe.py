"""Describe (目录条目说明): any entry of the catalogue as plain data, for ``catalogue show`` and for pages."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

from chengxin.catalogue.laws import Rank
from chengxin.catalogue.model import Catalogue
from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text

KINDS = {
    "items": "items",
    "laws": "laws",
    "terms": "regimes",
    "severity": "severity_standards",
    "codelists": "codelists",
    "layouts": "layouts",
    "calendars": "calendars",
    "assignments": "assignments",
    "workflows": "workflows",
    "repair": "repair",
    "takedowns": "takedowns",
    "overlays": "overlays",
}
"""Kind as written in ids and folders → attribute of the catalogue; the order in which a bare id is looked for."""


def describe(catalogue: Catalogue, id: str) -> dict[str, Any]:
    """The entry with this id, ``kind/id`` where two kinds share it; ``kind``, ``confirmed`` and ``digest`` are added.

    Raises Refusal ``catalogue.unknown``.
    """
    kind, _, rest = id.rpartition("/")
    for name, attribute in KINDS.items():
        if kind in ("", name):
            entries: Mapping[str, Any] = getattr(catalogue, attribute)
            if rest in entries:
                described: dict[str, Any] = plain(entries[rest])
                return {"kind": name, **described, "confirmed": entries[rest].confirmed, "digest": catalogue.digest}
    known = [entry for entries in contents(catalogue).values() for entry in entries]
    near = get_close_matches(rest, known, n=5, cutoff=0.4) or list(catalogue.items)
    raise Refusal(
        "catalogue.unknown",
        Text(f"目录中没有 {id}。", f"The catalogue holds no {id}."),
        remedy=Text(f"相近的编号：{'、'.join(near)}。", f"Ids that come near: {', '.join(near)}."),
    )


def contents(catalogue: Catalogue) -> dict[str, list[str]]:
    """Every id by kind."""
    return {kind: list(getattr(catalogue, attribute)) for kind, attribute in KINDS.items()}


def plain(value: object) -> Any:
    """A value of the catalogue as dicts, lists and texts; what is empty is left out of mappings of attributes."""
    if isinstance(value, Text):
        return dict(value.to_dict())
    if isinstance(value, Rank):
        return {"id": value.id, **value.title.to_dict()}
    if is_dataclass(value) and not isinstance(value, type):
        pairs = ((f.name, getattr(value, f.name)) for f in fields(value))
        return {name: plain(inner) for name, inner in pairs if inner not in ("", (), None, Text("", ""))}
    if isinstance(value, Mapping):
        return {_key(k): plain(v) for k, v in value.items()}
    if isinstance(value, (frozenset, set)):
        return sorted(plain(v) for v in value)
    if isinstance(value, (list, tuple)):
        return [plain(v) for v in value]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    return value


def _key(key: object) -> str:
    return key.isoformat() if isinstance(key, date) else str(key)
