"""Citizens' numbers: the cheap test lets none through that the long pattern finds."""

import re

from hypothesis import given
from hypothesis import strategies as st

from chengxin.subjects.free_text import CITIZEN_NUMBER, DIGITS, SIGNS, WIDE_SIGNS


@given(number=st.from_regex(re.compile(CITIZEN_NUMBER, re.ASCII), fullmatch=True))
def test_whatever_is_a_number_has_a_sign_of_one(number: str) -> None:
    assert any(sign in number for sign in WIDE_SIGNS) or any(re.search(sign, number, re.ASCII) for sign in SIGNS)
    assert any(digit in number for digit in DIGITS)
