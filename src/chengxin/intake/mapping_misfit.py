"""Misfit (表头不符): why a file cannot be read as the item chosen, what is needed, and which item it looks like."""

from collections.abc import Iterable, Sequence

from chengxin.catalogue.model import Item, Layout
from chengxin.intake.formats.headers import header_key
from chengxin.intake.formats.refusals import header_like
from chengxin.intake.mapping_file import BASIS
from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text

SHOWN = 20
"""So many headers are named at most."""


def lacking(item: Item, present: set[str], *, strict: bool) -> list[str]:
    """Fields every file of the item needs and this one does not fill: the party, and for a layout its name and the
    number of the document too."""
    wanted = _absent(item, present, ("name", "code", "registration_no"))
    if strict:
        wanted += _absent(item, present, ("name",)) + _absent(item, present, ("document_no", "title"))
    return list(dict.fromkeys(wanted))


def wrong_layout(
    title: Text, columns: Sequence[str], item: Item, wanted: Sequence[str], layouts: Iterable[Layout]
) -> Refusal:
    """The refusal of a file whose header is known, and lacks what every row needs."""
    found = "｜".join(column for column in columns if column)
    names = _names(item, wanted)
    return Refusal(
        "file.layout",
        Text(
            f"按“{title.zh}”识别，缺少必需的列：{names.zh}。文件中的列为：{found}",
            f"Read as “{title.en}”, the file lacks the column for {names.en}. Its columns are: {found}",
        ),
        where=Text("表头", "the header"),
        basis=BASIS,
        remedy=_other_item([columns], item, layouts) or _use_national(item),
    )


def no_header(rows: Sequence[Sequence[str]], item: Item, layouts: Iterable[Layout]) -> Refusal:
    """The refusal of a file in whose first rows no header of the item was found."""
    names = _names(item, lacking(item, set(), strict=True))
    found = _found(rows)
    return Refusal(
        "file.layout",
        Text(
            f"没有找到事项“{item.title.zh}”（{item.id}）的表头，至少须有：{names.zh}。{found.zh}",
            f"No header of the item {item.title.en} ({item.id}) was found; it needs at least {names.en}. {found.en}",
        ),
        where=Text("表头", "the header"),
        basis=BASIS,
        remedy=_other_item(rows, item, layouts) or _use_national(item),
    )


def mapping_misses(title: Text, looked_for: Sequence[str], rows: Sequence[Sequence[str]]) -> Refusal:
    """The refusal of a file that has none of the headers a mapping file names, or not those that every row needs."""
    found = _found(rows)
    wanted = list(dict.fromkeys(looked_for))[:SHOWN]
    return Refusal(
        "file.layout",
        Text(
            f"字段映射“{title.zh}”要找的表头在文件中没有找到：{'、'.join(wanted)}。{found.zh}",
            f"The file has not the headers that the mapping “{title.en}” looks for: {', '.join(wanted)}. {found.en}",
        ),
        where=Text("表头", "the header"),
        basis=BASIS,
        remedy=Text(
            "请确认字段映射与这份文件相配，并把映射中的表头改得与文件一致。",
            "Check that the mapping is for this file, and spell its headers as the file does.",
        ),
    )


def _found(rows: Sequence[Sequence[str]]) -> Text:
    shown = header_like(rows)
    if not shown:
        return Text("文件前部没有像表头的文字。", "Nothing in its first rows looks like a header.")
    return Text(f"文件前部像表头的文字：{'｜'.join(shown)}", f"What looks like a header: {' | '.join(shown)}")


def _names(item: Item, fields: Sequence[str]) -> Text:
    return Text(
        "、".join(f"{item.field(id).label.zh}（{id}）" for id in fields),
        ", ".join(f"{item.field(id).label.en} ({id})" for id in fields),
    )


def _use_national(item: Item) -> Text:
    return Text(
        f"请确认所选事项（{item.title.zh}）与文件一致；表头使用国家统一的字段编码或名称，或提供字段映射（--mapping）。",
        f"Check that the file belongs to the item chosen ({item.title.en}); use the national field codes or labels "
        "as header, or give a mapping (--mapping).",
    )


def _other_item(rows: Iterable[Sequence[str]], item: Item, layouts: Iterable[Layout]) -> Text | None:
    """What to do where the header is that of other items: most of it known there, and more than in the item chosen."""
    known = [(layout, _keys(layout)) for layout in layouts]
    most, fitting = 2, dict[str, Text]()
    for row in rows:
        keys = {header_key(cell) for cell in row} - {""}
        here = max((len(keys & of) for layout, of in known if layout.item == item.id), default=0)
        for layout, of in known:
            hits = len(keys & of)
            if layout.item == item.id or hits <= here or hits * 2 <= len(keys) or hits < most:
                continue
            if hits > most:
                most, fitting = hits, {}
            fitting.setdefault(layout.item, layout.title)
    if not fitting:
        return None
    zh = "、".join(f"{id}（{title.zh}）" for id, title in fitting.items())
    en = ", ".join(f"{id} ({title.en})" for id, title in fitting.items())
    return Text(
        f"文件的表头与这些事项相符：{zh}。如果报送的是它，请改选该事项（--item）。",
        f"The header is that of {en}: if that is what you hand in, choose that item (--item).",
    )


def _keys(layout: Layout) -> set[str]:
    single = (header for headers in layout.headers.values() for header in headers)
    joined = (header for parts in layout.joined.values() for part in parts for header in part)
    return {header_key(header) for header in (*single, *joined)}


def _absent(item: Item, present: set[str], roles: tuple[str, ...]) -> list[str]:
    """The first of these roles when the item has some of them and the file none."""
    fields = [field for role in roles if (field := item.role(role)) is not None]
    return [] if not fields or present.intersection(fields) else fields[:1]
