"""What a deadline chip says of the working days left, in both languages."""

from datetime import date

import pytest

from chengxin.operations.deadlines import Deadline
from chengxin.web.desk.chips import chip


@pytest.mark.parametrize(
    ("left", "zh", "en"),
    [
        (-2, "澜州市水利局已超期 2 个工作日", "澜州市水利局 is 2 working days late"),
        (-1, "澜州市水利局已超期 1 个工作日", "澜州市水利局 is 1 working day late"),
        (0, "今天到期", "Due today"),
        (1, "还剩 1 个工作日", "1 working day left"),
        (3, "还剩 3 个工作日", "3 working days left"),
    ],
)
def test_one_working_day_is_one_day_in_english(left: int, zh: str, en: str) -> None:
    made = chip(Deadline(date(2026, 11, 12), date(2026, 11, 23), left, 7, False), "澜州市水利局")
    assert made is not None
    assert (made.left.zh, made.left.en) == (zh, en)
