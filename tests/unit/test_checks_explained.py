"""What the desk says about one wrong value: which characters, and what was probably meant."""

import datetime
import re

import pytest

from chengxin.catalogue.loader import load
from chengxin.intake import checks

ITEM = load().items["xzcf"]
RULES = {rule.id: rule for rule in checks.rules(ITEM, load(), datetime.date(2026, 11, 21))}


@pytest.mark.parametrize(
    ("rule", "value", "marked", "suggestion"),
    [
        ("xzcf.xdr_shxym.alphabet", "9199010OMA1AAAA110", (7,), "91990100MA1AAAA110"),
        ("xzcf.xdr_shxym.check", "91990100MA1AAAA111", (17,), None),
        ("xzcf.xdr_shxym.length", "990100100000019", (), None),
        ("xzcf.xdr_lb.value", "个体工商", (0, 1, 2, 3), "个体工商户"),
        ("xzcf.cflb.value", "罚款;没收违法所", (3, 4, 5, 6, 7), "罚款;没收违法所得"),
        ("xzcf.cflb.value", "罚款;责骂", (3, 4), None),
        ("xzcf.nr_fk.negative", "-0.2", (0,), "0.2"),
        ("xzcf.nr_fk.digits", "0.12345678", (8, 9), None),
        ("xzcf.nr_fk.unit", "200000", (0, 1, 2, 3, 4, 5), "20"),
        ("xzcf.yxq.invalid", "9999-12-31", (0, 1, 2, 3), "2099-12-31"),
        ("xzcf.jdrq.invalid", "9999-12-31", (0, 1, 2, 3), None),
        ("xzcf.yxq.invalid", "2019-02-30", (), None),
        ("xzcf.xdr_mc.garbled", "澜州\ufffd公司", (2,), None),
        ("text.control", "a\x00b", (1,), "ab"),
    ],
)
def test_the_wrong_characters_are_marked_and_the_right_value_is_offered(
    rule: str, value: str, marked: tuple[int, ...], suggestion: str | None
) -> None:
    found = checks.explain(RULES[rule], value)
    assert found.message.zh
    assert found.message.en
    assert found.marked == marked
    assert found.suggestion == suggestion


def test_a_code_of_the_wrong_length_says_how_long_it_should_be() -> None:
    found = checks.explain(RULES["xzcf.xdr_shxym.length"], "990100100000019")
    assert "18" in found.message.zh
    assert "15" in found.message.zh


def test_an_overlong_text_shows_where_it_becomes_too_long() -> None:
    found = checks.explain(RULES["xzcf.xdr_swdj.length"], "1234567890123456789")
    assert found.marked == (15, 16, 17, 18)


def test_a_citizens_number_is_never_repeated_in_a_message() -> None:
    number = "110000190001010000"
    for rule in RULES.values():
        if rule.id.endswith((".personal", "person.natural")):
            said = checks.explain(rule, number)
            assert number not in said.message.zh + said.message.en
            assert said.suggestion is None


def test_a_rule_without_more_to_say_says_its_message() -> None:
    rule = RULES["xzcf.wsh.required"]
    assert checks.explain(rule, "").message == rule.message


def test_the_manual_lists_every_rule_with_its_basis() -> None:
    text = checks.reference(ITEM, load(), datetime.date(2026, 11, 21))
    for rule in RULES.values():
        assert f"`{rule.id}`" in text
    assert "未经核实" in text


def test_the_basis_of_a_rule_is_given_as_an_official_reads_it() -> None:
    """Standards by number, everything else in Chinese."""
    for item in load().items.values():
        for rule in checks.rules(item, load(), datetime.date(2026, 11, 21)):
            assert not re.search("[a-z]{2,} [a-z]{2,}", rule.basis), f"{rule.id}: {rule.basis}"


def test_a_placeholder_for_an_authoritys_code_is_not_explained_by_sole_traders() -> None:
    rule = RULES["xzcf.cfjgdm.placeholder"]
    assert rule.basis == "GB 32100-2015"
    told = checks.explain(rule, "00000000000000000X")
    assert "工商注册号" not in told.message.zh
    assert "registration" not in told.message.en
