"""How a source is doing: each figure as n of N, and nothing counted that was not there."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from django.test import Client
from tests.databases import Place
from tests.integration import desk_seed as seed

from chengxin.kernel.periods import Period, today
from chengxin.operations import mending, quality

THIS_YEAR = Period(date(2020, 1, 1), None)


@pytest.fixture(scope="module", autouse=True)
def desk(database: Place, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with seed.quick_passwords():
        seed.people()
        seed.companies(tmp_path_factory.mktemp("register"))
        number = seed.hand_in(seed.bad_file())
        late = (today() - timedelta(days=120)).isoformat()
        seed.hand_in(seed.as_csv([seed.penalty(90, CF_JDRQ=late), seed.penalty(91)]))
        yield number


def test_each_figure_is_a_share_of_rows_that_were_there(desk: str) -> None:
    found = quality.figures(seed.BUREAU_CODE, THIS_YEAR)
    assert (found.files, found.rows) == (2, 10)
    assert (found.accuracy.n, found.accuracy.of) == (7, 10)
    assert (found.effective.n, found.effective.of) == (5, 10)
    assert found.timeliness.of - found.timeliness.n == 1, "one decision was four months old"
    assert found.completeness.n <= found.completeness.of


def test_mending_raises_what_is_stored_and_never_the_accuracy_of_the_first_file(desk: str) -> None:
    before = quality.figures(seed.BUREAU_CODE, THIS_YEAR)
    mending.mend(submission=desk, row=5, values={"CF_XDR_SHXYM": next(iter(seed.COMPANIES))}, by="clerk")
    after = quality.figures(seed.BUREAU_CODE, THIS_YEAR)
    assert after.effective.n == before.effective.n + 1
    assert (after.accuracy, after.rows, after.files) == (before.accuracy, before.rows, before.files)


def test_a_source_that_handed_in_nothing_has_no_percentages(desk: str) -> None:
    found = quality.figures(seed.OTHER_CODE, THIS_YEAR)
    assert found.rows == 0
    assert found.accuracy.percent is None
    assert seed.OTHER_CODE not in [each.source for each in quality.all_figures(THIS_YEAR)]


def test_months_are_calendar_months_in_china_oldest_first(desk: str) -> None:
    found = quality.months(seed.BUREAU_CODE, 3, last=date(2026, 3, 31))
    assert [each.period.starts for each in found] == [date(2026, 1, 1), date(2026, 2, 1), date(2026, 3, 1)]
    assert found[-1].period.ends == date(2026, 4, 1)
    running = quality.months(seed.BUREAU_CODE, 1)[0]
    assert running.files >= 1


def test_the_page_has_a_table_with_n_of_n(desk: str) -> None:
    client = Client()
    client.post("/desk/sign-in", {"username": "officer", "password": seed.PASSWORD})
    text = client.get(f"/desk/sources/{seed.BUREAU_CODE}").content.decode()
    assert "7 / 10" in text
    for words in ("及时", "完整", "准确", "有效载入"):
        assert words in text
    every = client.get("/desk/sources/").content.decode()
    assert every.index("澜州市生态环境局") < every.index("这段时间没有报送的单位") < every.index("澜州市水利局")
