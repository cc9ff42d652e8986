"""Masking (脱敏): which fields of a record the public may see.

A field is shown when the item in the catalogue lists it as published, it is not personal data that is dropped
(证件类型、证件号码), and it is not hidden for this kind of subject: of a sole trader (个体工商户) the operator's name
is never shown, because data about the business are then data about a natural person too (个人信息保护法). Neither is it
where it stands in another field's text (当事人某某…).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from chengxin.catalogue.model import Field, Item

OPERATOR = "〔经营者〕"
"""Stands in a text for a name that is not shown."""
_SHORTEST = 2
"""Characters of the shortest name that is looked for in texts: one of a single character would hit any text."""


def shown(field: Field, subject_kind: str) -> bool:
    """Whether the public may see this field of a subject of this kind (``subjects.model.Kind``)."""
    if field.personal == "drop":
        return False
    if field.personal == "hide":
        return bool(field.hide_for) and subject_kind not in field.hide_for
    return True


def public_ids(item: Item, subject_kind: str) -> tuple[str, ...]:
    """Ids of the fields of this item that a public page may show, in the order of the national report."""
    if item.publicity != "public":
        return ()
    fields = {field.id: field for field in item.all_fields}
    return tuple(id for id in item.published if id in fields and shown(fields[id], subject_kind))


@dataclass(frozen=True)
class Sight:
    """What the public may see of one item's records about subjects of one kind.

    ``ids``: its fields, in the order of the national report. ``hidden``: fields with names of people that nobody may read.
    ``bearer``: the field with the subject's own name, "" where there is none.
    """

    ids: tuple[str, ...]
    hidden: tuple[str, ...]
    bearer: str

    def of(self, texts: Mapping[str, str], stated: Mapping[str, str]) -> dict[str, str]:
        """The public part of ``texts``, in order; ``stated`` is all the record says, names that are not shown included."""
        seen = {id: texts[id] for id in self.ids if id in texts}
        names = [stated[id] for id in self.hidden if len(stated.get(id, "")) >= _SHORTEST]
        return _without_names(seen, names, stated.get(self.bearer, "")) if names else seen


def sight(item: Item, subject_kind: str) -> Sight:
    """What the public may see of this item and kind of subject; the same for all their records."""
    names = (field for field in item.all_fields if field.personal == "hide" and not shown(field, subject_kind))
    return Sight(public_ids(item, subject_kind), tuple(field.id for field in names), item.role("name") or "")


def public_fields(item: Item, fields: Mapping[str, str], subject_kind: str) -> dict[str, str]:
    """The public part of a record's fields, in the order of the national report; empty for an item that is not public.

    Fields that the catalogue in force does not name are left out: deny by default.
    """
    filled = {id: text for id, text in fields.items() if text}
    return sight(item, subject_kind).of(filled, filled)


def _without_names(texts: Mapping[str, str], names: Iterable[str], bearer: str) -> dict[str, str]:
    """Texts without these names of people; the name of the ``bearer``, the shop itself, stays whole."""
    found = dict(texts)
    for name in names:
        for id, text in found.items():
            # the shop may be called after its operator, and that is its public name
            pieces = text.split(bearer) if bearer else [text]
            found[id] = bearer.join(piece.replace(name, OPERATOR) for piece in pieces)
    return found
