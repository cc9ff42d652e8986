"""A name taken apart: what a clerk would underline as place, brand, trade and legal form."""

import pytest

from chengxin.subjects import names_parts, names_words
from chengxin.subjects.names_parts import split


@pytest.mark.parametrize(
    ("name", "place", "brand", "trade", "form"),
    [
        ("青岛青穗食品科技有限公司", "青岛", "青穗", "食品科技", "有限公司"),
        ("山东省青岛市青穗食品有限责任公司", "山东省青岛市", "青穗", "食品", "有限责任公司"),
        ("青穗（青岛）食品有限公司", "青岛", "青穗", "食品", "有限公司"),
        ("青穗食品青岛有限公司", "青岛", "青穗", "食品", "有限公司"),
        ("上海青穗企业管理中心（有限合伙）", "上海", "青穗", "企业管理", "中心有限合伙"),
        ("青島青穗機械製造有限公司", "青岛", "青穗", "机械制造", "有限公司"),
        ("澜州市青穗机械厂", "澜州市", "青穗", "机械", "厂"),
        ("澜州市东岭区青穗物流有限公司", "澜州市东岭区", "青穗", "物流", "有限公司"),
        ("雅安市政工程有限公司", "雅安", "", "市政工程", "有限公司"),
        ("永兴机械有限公司", "", "永兴", "机械", "有限公司"),
        ("澜州市青穗食品有限工司", "澜州市", "青穗", "食品", "有限工司"),
        ("青岛青穗银行股份有限公司", "青岛", "青穗", "银行", "股份有限公司"),
    ],
)
def test_a_name_has_its_four_parts(name, place, brand, trade, form):
    parts = split(name)
    assert (parts.place, parts.brand, parts.trade, parts.form) == (place, brand, trade, form)


@pytest.mark.parametrize(
    ("name", "branch"),
    [
        ("青穗食品股份有限公司烟台市分公司", "烟台市分公司"),
        ("青穗食品烟台分公司", "烟台分公司"),
        ("青穗建设有限公司第二项目部", "第二项目部"),
        ("青穗食品有限公司", ""),
        ("青岛青穗第一分公司", "分公司"),
    ],
)
def test_a_branch_is_told_from_its_enterprise(name, branch):
    assert split(name).branch.endswith(branch)
    assert bool(split(name).branch) == bool(branch)


def test_a_place_the_lists_lack_is_known_where_many_names_begin_so():
    assert split("澜州青穗食品有限公司").place == ""
    parts = split("澜州青穗食品有限公司", frozenset({"澜州"}))
    assert (parts.place, parts.brand) == ("澜州", "青穗")


@pytest.mark.parametrize(
    "name", ["", "青", "（）", "（青岛）", "（青岛", "青穗（", "\ue000\ue001有限公司", "字" * 300, "有限公司", "、、、"]
)
def test_odd_names_are_taken_apart_without_harm(name):
    parts = split(name)
    for before, after in zip(parts.spans, parts.spans[1:], strict=False):
        assert before.end <= after.start
    assert all(parts.text[span.start : span.end] for span in parts.spans)


def test_a_county_lies_in_its_city_and_its_province_and_in_no_other():
    assert names_words.lies_in("370202", "370200")
    assert names_words.lies_in("370202", "370000")
    assert not names_words.lies_in("370202", "370100")
    assert not names_words.lies_in("370200", "370202")
    assert names_words.lies_in("370202", names_words.NATION)


def test_lists_of_words_hold_nothing_twice_and_nothing_with_a_blank():
    for words in (names_words.places(), names_words.trades(), names_words.forms()):
        assert all(word and word == word.strip() for word in words)
    assert names_words.places()["青岛"] == ("370200",)
    assert "鼓楼" not in names_words.places()
    assert {span.part for span in split("上海青穗（集团）有限公司").spans} == {
        names_parts.PLACE,
        names_parts.BRAND,
        names_parts.FORM,
    }
