"""Masking (脱敏): which fields of a record the public may see.

A field is shown when the item in the catalogue lists it as published, it is not personal data that is dropped
(证件类型、证件号码), and it is not hidden for this kind of subject: of a sole trader (个体工商户) the operator's name
is never shown, because data about the business are then data about a natural person too (个人信息保护法). Neither is it
where it stands in another field's text (当事人某某…).
"""

from collections.abc import Iterable, Mapping

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


def hidden_ids(item: Item, subject_kind: str) -> tuple[str, ...]:
    """Ids of the fields that hold names of people which nobody may read of a subject of this kind."""
    return tuple(field.id for field in item.all_fields if field.personal == "hide" and not shown(field, subject_kind))


def public_fields(item: Item, fields: Mapping[str, str], subject_kind: str) -> dict[str, str]:
    """The public part of a record's fields, in the order of the national report; empty for an item that is not public.

    Fields that the catalogue in force does not name are left out: deny by default.
    """
    texts = {id: fields[id] for id in public_ids(item, subject_kind) if fields.get(id)}
    hidden = [fields[id] for id in hidden_ids(item, subject_kind) if fields.get(id)]
    return without_names(texts, hidden, fields.get(item.role("name") or "", "")) if hidden else texts


def without_names(texts: Mapping[str, str], hidden: Iterable[str], bearer: str) -> dict[str, str]:
    """Texts without the ``hidden`` names of people; the name of the ``bearer``, the shop itself, stays whole."""
    found = dict(texts)
    for name in hidden:
        if len(name) >= _SHORTEST:
            for id, text in found.items():
                # the shop may be called after its operator, and that is its public name
                pieces = text.split(bearer) if bearer else [text]
                found[id] = bearer.join(piece.replace(name, OPERATOR) for piece in pieces)
    return found
