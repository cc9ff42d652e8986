"""Rulebook (规则): the catalogue of this installation, and what its items are."""

from django.conf import settings

from chengxin.catalogue.loader import load
from chengxin.catalogue.model import Catalogue, Item
from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text


def catalogue() -> Catalogue:
    """The national catalogue with this installation's overlays; loaded once per process.

    Raises Refusal ``platform.catalogue`` when an overlay is broken: whatever was asked is not at fault.
    """
    try:
        return as_written()
    except Refusal as fault:
        raise Refusal(
            "platform.catalogue",
            Text(f"目录有误：{fault.what.zh}", f"the catalogue is broken: {fault.what.en}"),
            where=fault.where,
            basis=fault.rule,
            remedy=Text(
                "请用 chengxin catalogue check 核对补充目录（CHENGXIN_OVERLAYS）",
                "look at the overlays (CHENGXIN_OVERLAYS) with chengxin catalogue check",
            ),
        ) from fault


def as_written() -> Catalogue:
    """The same for whoever asks about the catalogue itself. Raises Refusal ``catalogue.…`` as the loader does."""
    return load(tuple(settings.CATALOGUE_OVERLAYS))


def item(id: str) -> Item:
    """The catalogue item. Raises Refusal ``item.unknown``: what the catalogue does not name cannot be stored."""
    items = catalogue().items
    if id not in items:
        raise Refusal(
            "item.unknown",
            Text(f"目录中没有事项“{id}”", f"the catalogue has no item “{id}”"),
            basis="《意见》（六）：公共信用信息统一实行目录管理",
            remedy=Text(f"现有事项：{'、'.join(sorted(items))}", f"items there are: {', '.join(sorted(items))}"),
        )
    return items[id]
