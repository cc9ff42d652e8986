"""Reading a page as a screen reader does: which language each of its texts is said to be in."""

import re
from html.parser import HTMLParser

_CHINESE = re.compile(r"[\u3400-\u9fff]")
_EMPTY = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}
_UNSPOKEN = {"script", "style", "title"}


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.within: list[tuple[str, str]] = []
        self.unmarked: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in _EMPTY:
            self.within.append((tag, dict(attrs).get("lang") or (self.within[-1][1] if self.within else "")))

    def handle_endtag(self, tag: str) -> None:
        while self.within and self.within.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self.within and self.within[-1][1] == "en" and self.within[-1][0] not in _UNSPOKEN:
            self.unmarked += [data.strip()] if _CHINESE.search(data) else []


def unmarked_chinese(page: str) -> list[str]:
    """Chinese texts of an English page that are not marked as Chinese."""
    reader = _Reader()
    reader.feed(page)
    return reader.unmarked
