"""Loader (目录加载): data files in, one catalogue out, or a refusal that names the file and the key.

The national files lie beside this module; regional folders (overlays) add to them or narrow them, under a basis of
their own. The digest covers everything that was read and does not depend on the order of files or keys.
"""

import hashlib
from collections.abc import Iterator, Mapping
from datetime import date
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import orjson

from chengxin.catalogue import kinds
from chengxin.catalogue.check import problems_of_reference
from chengxin.catalogue.model import Catalogue
from chengxin.catalogue.overlays import narrowed, read_overlay
from chengxin.catalogue.reading import Section, read, refused
from chengxin.kernel.text import Text

NATIONAL = Path(__file__).parent / "data" / "national"


@lru_cache(maxsize=8)
def load(overlays: tuple[Path, ...] = ()) -> Catalogue:
    """The national catalogue with these regional folders laid over it, in this order.

    Raises Refusal: ``catalogue.yaml``, ``.unknown-key``, ``.missing-key``, ``.form``, ``.duplicate``, ``.overlay``,
    ``.reference`` (something named that does not exist).
    """
    found: dict[str, dict[str, Any]] = {kind: {} for kind in kinds.READERS}
    overlay_values = {}
    documents: dict[str, Any] = {}
    for folder in (NATIONAL, *overlays):
        layer = "national"
        if folder is not NATIONAL:
            overlay = read_overlay(folder)
            layer = overlay.id
            if layer in overlay_values or layer == "national":
                raise refused(
                    "duplicate", Text(f"补充目录重复：{layer}", f"overlay loaded twice: {layer}"), str(folder)
                )
            overlay_values[layer] = overlay
            documents[f"{layer}/overlay"] = read(folder / "overlay.yaml", f"{layer}/overlay.yaml").data
        for kind, path in _files(folder, layer):
            name = f"{layer}/{kind}/{path.name}"
            section = read(path, name)
            documents[f"{layer}/{kind}/{path.stem}"] = section.data
            _add(found[kind], kind, section, path.stem, layer)
    catalogue = Catalogue(
        **{
            kind.replace("terms", "regimes").replace("severity", "severity_standards"): _frozen(found[kind])
            for kind in found
        },
        overlays=_frozen(overlay_values),
        digest=_digest(documents),
    )
    _refuse_problems(catalogue)
    return catalogue


def _add(found: dict[str, Any], kind: str, section: Section, stem: str, layer: str) -> None:
    """Read one file into the values of its kind; an overlay may narrow an item that exists, and only that."""
    if section.has("narrows") and kind == "items" and layer != "national":
        item = narrowed(found, section)
        found[item.id] = item
        return
    value = kinds.READERS[kind](section)
    section.end()
    if value.id != stem:
        raise section.wrong("id", f"应与文件名一致（{stem}）。", f"must equal the file name ({stem}).")
    if value.id in found:
        raise section.wrong("id", f"已有同名条目：{value.id}。", f"{value.id} exists already.", "duplicate")
    found[value.id] = value


def _files(folder: Path, layer: str) -> Iterator[tuple[str, Path]]:
    """(kind, path) of every data file of a folder, in an order that does not depend on the file system."""
    for entry in sorted(folder.iterdir()):
        if entry.is_dir() and entry.name not in kinds.READERS:
            raise refused(
                "form", Text(f"不认识的文件夹：{entry.name}", f"unknown folder: {entry.name}"), f"{layer}/{entry.name}"
            )
    for kind in kinds.READERS:
        if (folder / kind).is_dir():
            for path in sorted((folder / kind).iterdir()):
                if path.suffix != ".yaml":
                    text = Text(f"只接受 .yaml 文件：{path.name}", f"only .yaml files belong here: {path.name}")
                    raise refused("form", text, f"{layer}/{kind}/{path.name}")
                yield kind, path


def _digest(documents: Mapping[str, Any]) -> str:
    encoded = orjson.dumps(documents, option=orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS, default=_plain)
    return hashlib.sha256(encoded).hexdigest()


def _plain(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"no canonical form for {type(value).__name__}")


def _frozen(values: dict[str, Any]) -> Mapping[str, Any]:
    return MappingProxyType(dict(sorted(values.items())))


def _refuse_problems(catalogue: Catalogue) -> None:
    problems = problems_of_reference(catalogue)
    if problems:
        first = problems[0]
        more = len(problems) - 1
        what = first.what
        if more:
            what = Text(f"{what.zh}（另有 {more} 处）", f"{what.en} (and {more} more)")
        raise refused(first.rule, what, first.where)
