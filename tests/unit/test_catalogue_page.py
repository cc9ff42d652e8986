"""The page about items and terms is the one the data files say."""

from pathlib import Path

from chengxin.catalogue.loader import load
from chengxin.catalogue.reference import items_page

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "items.md"


def test_the_committed_page_is_the_one_the_data_give() -> None:
    assert PAGE.read_text(encoding="utf-8") == items_page(load()), "run `make docs`"


def test_the_page_marks_what_is_unconfirmed() -> None:
    page = items_page(load())
    assert "| 14 | `XK_XKWS` | 行政许可决定文书名称 | text 64 | always | length |" in page
    assert "**未核实**" in page
