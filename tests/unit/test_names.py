"""A name is recognised whatever a typist, a scanner or an export made of its width, blanks, brackets and radicals."""

import pytest

from chengxin.subjects import names, terms
from chengxin.subjects.widths import RADICALS


@pytest.mark.parametrize(
    "written",
    [
        "风华（澜州）机械有限公司",
        "⻛华(澜州)机械有限公司",
        "风 华〔澜州〕\n机械有限公司",
        "\u3000风华［澜州］机械有限公司\u200b",
        "风华【澜州】机械有限公司",
        "风华﹝澜州﹞机械有限公司",
        "\ufeff风华（澜州)机械有限公司\r\n",
    ],
)
def test_one_name_written_in_many_ways(written: str) -> None:
    assert names.normalise(written) == "风华（澜州）机械有限公司"


def test_latin_letters_are_compared_in_one_case_and_width() -> None:
    assert names.normalise("ＡＣＭＥ　Trading co., ltd.") == "ACMETRADINGCO.,LTD."


def test_private_use_characters_are_kept_since_only_their_maker_knows_them() -> None:
    assert names.normalise("\ue5e5氏木业") == "\ue5e5氏木业"
    assert names.squeeze("\ue5e5氏木业") == "\ue5e5氏木业"


def test_every_radical_of_both_blocks_has_an_ideograph() -> None:
    assert len([char for char in RADICALS if "\u2f00" <= char <= "\u2fd5"]) == 214
    assert len([char for char in RADICALS if "\u2e80" <= char <= "\u2ef3"]) == 114
    assert (RADICALS["⻛"], RADICALS["⻓"], RADICALS["⼭"]) == ("风", "长", "山")


def test_no_ordinary_character_is_changed() -> None:
    ordinary = "".join(chr(code) for code in range(0x4E00, 0xA000)) + "〇·、。《》“”（）"
    assert names.normalise(ordinary) == ordinary


def test_grams_leave_out_brackets_and_dots() -> None:
    assert names.grams("东岭（澜州）") == ("东岭", "岭澜", "澜州")
    assert names.grams("东") == ()


@pytest.mark.parametrize(
    ("name", "letters"),
    [
        ("青岛海尔", "qdhe"),
        ("重庆长安", "cqca"),
        ("澜州商行", "lzsh"),
        ("旅行社", "lxs"),
        ("西藏银行", "xzyh"),
        ("厦门大厦", "xmds"),
        ("绿能", "ln"),
        ("A1科技", "a1kj"),
        ("\ue5e5氏", "_s"),
    ],
)
def test_initials(name: str, letters: str) -> None:
    assert names.initials(name) == letters


def test_common_endings_ask_for_nothing() -> None:
    assert terms.part("有限公司") == terms.part("有限责任公司") == ()
    assert terms.part("青穗有限公司") == ("青穗", "穗有")
    assert terms.initials("yxgs") == ()


@pytest.mark.parametrize(
    ("typed", "apart"),
    [
        ("青穗食品", True),
        ("青惠食品", True),
        ("青食品", True),
        ("青穗穗食品", True),
        ("穗青食品", True),
        ("青惠食拼", False),
        ("红禾食品", False),
    ],
)
def test_one_slip_and_no_more(typed: str, apart: bool) -> None:
    assert terms.one_slip_apart(typed, "澜州青穗食品科技有限公司") is apart
