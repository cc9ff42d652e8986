"""The public sees what the catalogue lists, and never who stands behind a small shop."""

import pytest

from chengxin.catalogue.loader import load
from chengxin.disclosure import masking

FIELDS = {
    "CF_XDR_MC": "澜州市某某小吃店",
    "CF_FRDB": "某人",
    "CF_FR_ZJHM": "一个号码",
    "CF_XDR_ZJHM": "一个号码",
    "CF_NR": "罚款",
    "NOT_IN_THE_CATALOGUE": "x",
    "CF_WSH": "",
}


@pytest.fixture(scope="module")
def items():
    return load().items


@pytest.mark.parametrize("kind", ["enterprise", "sole_trader", "social", ""])
def test_no_page_names_the_person_behind_an_organisation(items, kind):
    assert "CF_FRDB" not in masking.public_fields(items["xzcf"], FIELDS, kind)


def test_a_text_does_not_name_the_operator_of_a_small_shop_either(items):
    fields = FIELDS | {
        "CF_XDR_MC": "甲乙丙小吃店",
        "CF_FRDB": "甲乙丙",
        "CF_SY": "当事人甲乙丙经营的甲乙丙小吃店未明码标价",
        "CF_NR": "对甲乙丙罚款",
    }
    shop = masking.public_fields(items["xzcf"], fields, "sole_trader")
    assert shop["CF_XDR_MC"] == "甲乙丙小吃店"
    assert shop["CF_SY"] == "当事人〔经营者〕经营的甲乙丙小吃店未明码标价"
    assert shop["CF_NR"] == "对〔经营者〕罚款"
    company = masking.public_fields(items["xzcf"], fields, "enterprise")
    assert company["CF_SY"] == fields["CF_SY"]
    one_character = masking.public_fields(items["xzcf"], fields | {"CF_FRDB": "甲"}, "sole_trader")
    assert one_character["CF_NR"] == fields["CF_NR"]


@pytest.mark.parametrize("kind", ["enterprise", "sole_trader", "social", ""])
def test_personal_numbers_and_fields_nobody_listed_are_left_out(items, kind):
    shown = masking.public_fields(items["xzcf"], FIELDS, kind)
    assert not set(shown) & {"CF_FR_ZJHM", "CF_XDR_ZJHM", "NOT_IN_THE_CATALOGUE", "CF_WSH"}


def test_fields_come_in_the_order_of_the_national_report(items):
    shown = list(masking.public_fields(items["xzcf"], FIELDS, "enterprise"))
    assert shown == [id for id in items["xzcf"].published if id in shown]


def test_of_an_item_that_is_never_public_nothing_is_shown(items):
    assert masking.public_fields(items["xzcf-archive"], FIELDS, "enterprise") == {}


def test_no_item_lists_a_dropped_field_as_published(items):
    for item in items.values():
        assert not {f.id for f in item.all_fields if f.personal == "drop"} & set(masking.public_ids(item, "enterprise"))
