"""Letters (办理文书): the texts of a workflow with the facts of a case filled in, in both languages."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from chengxin.catalogue.workflows import Letter
from chengxin.kernel.text import Text

PLACES = ("number", "subject", "document", "body", "day", "reason", "ground", "basis", "barred")
"""What every letter may name; besides these the ids of the workflow's deadlines, which become days."""
NONE = Text("（未定）", "(not set)")


@dataclass(frozen=True)
class Written:
    """A letter that was written (已出具文书)."""

    id: str
    to: tuple[str, ...]
    title: Text
    body: Text


def write(letter: Letter, places: Mapping[str, Text], days: Mapping[str, date | None]) -> Written:
    """Fill in a letter; ``days`` are the last days of the terms that run, by id."""
    known = {name: places.get(name, Text("", "")) for name in PLACES}
    known |= {id: _day(day) for id, day in days.items()}
    zh = letter.body.zh.format_map({name: text.zh for name, text in known.items()})
    en = letter.body.en.format_map({name: text.en for name, text in known.items()})
    return Written(letter.id, letter.to, letter.title, Text(zh, en))


def _day(day: date | None) -> Text:
    return NONE if day is None else Text(f"{day.year}年{day.month}月{day.day}日", day.isoformat())
