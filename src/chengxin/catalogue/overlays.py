"""Overlays (地方补充目录): regional folders that add to the national catalogue or narrow it, under their own basis.

A folder holds ``overlay.yaml`` (id, title, region, basis) and the same sub-folders as the national data. It may add
files with new ids. Of what exists it may only narrow items: publish less, ask for more, never the reverse.
"""

from dataclasses import replace
from pathlib import Path
from typing import Any

from chengxin.catalogue.laws import NO_TEXT
from chengxin.catalogue.model import Item, Overlay
from chengxin.catalogue.reading import Section, read, refused
from chengxin.kernel.text import Text


def read_overlay(folder: Path) -> Overlay:
    """What a regional folder says of itself. Raises Refusal ``catalogue.overlay`` without a file or a basis."""
    path = folder / "overlay.yaml"
    if not path.is_file():
        text = Text(
            "补充目录缺少 overlay.yaml（写明名称和依据）。", "The folder has no overlay.yaml saying its name and basis."
        )
        raise refused("overlay", text, str(folder))
    section = read(path, f"{folder.name}/overlay.yaml")
    overlay = Overlay(
        id=section.text("id"),
        title=section.bilingual("title"),
        region=section.text("region"),
        basis=section.basis(),
        confirmed=section.truth("confirmed"),
        note=section.bilingual("note", NO_TEXT),
    )
    section.end()
    if not overlay.basis:
        raise section.wrong("basis", "补充目录必须有依据。", "an overlay needs a legal basis.", "overlay")
    return overlay


def narrowed(items: dict[str, Any], section: Section) -> Item:
    """The item a file narrows, narrowed.

    Keys: ``narrows`` (item id), ``basis``, ``publicity: never``, ``unpublish`` (fields no longer shown), ``require``
    (fields that become required).
    """
    id = section.text("narrows")
    item = items.get(id)
    if not isinstance(item, Item):
        raise section.wrong("narrows", f"没有此事项：{id}。", f"there is no item {id}.", "reference")
    basis = section.basis()
    if not basis:
        raise section.wrong("basis", "收窄也须有依据。", "narrowing needs a legal basis too.", "overlay")
    unpublish, require = section.texts("unpublish", ()), section.texts("require", ())
    publicity = section.text("publicity", item.publicity, among=("never", item.publicity))
    section.end()
    for key, fields, known in (
        ("unpublish", unpublish, set(item.published)),
        ("require", require, {f.id for f in item.stored_fields}),
    ):
        for field in fields:
            if field not in known:
                raise section.wrong(key, f"不适用于数据项 {field}。", f"does not fit field {field}.", "reference")

    def asked(fields: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(replace(f, required="always") if f.id in require else f for f in fields)

    return replace(
        item,
        publicity=publicity,
        published=() if publicity == "never" else tuple(f for f in item.published if f not in unpublish),
        fields=asked(item.fields),
        supplement=asked(item.supplement),
        basis=item.basis + basis,
    )
