"""A clerk who mistypes a code is told which character is wrong and, where it is certain enough, what it should be."""

import pytest
from stdnum.cn import ric, uscc

from chengxin.subjects import identifiers
from chengxin.subjects.identifiers import (
    CLASSES,
    CODE_RULES,
    DEPARTMENTS,
    check_citizen_id,
    check_organisation_code,
    check_registration_no,
    check_uscc,
    is_sole_trader_number,
    normalise_code,
)

GOOD = [
    "91320100748204660Q",
    "91320281142232229Q",
    "911100000000184548",
    "91440300618819640R",
    "91510185MA64ND8627",
    "91370400728618604X",
    "12440300MB2C92173E",
    "91230500MA1B3N1N2M",
    "11230500001755309F",
]


def with_check(first17: str) -> str:
    return first17 + identifiers.uscc_check(first17)


@pytest.mark.parametrize("code", GOOD)
def test_codes_in_use_pass_without_a_word(code: str) -> None:
    check = check_uscc(code)
    assert (check.ok, check.rule, check.position, check.suggestion, check.warnings) == (True, "", None, None, ())


@pytest.mark.parametrize("department", "ANY")
def test_codes_that_begin_with_a_letter_are_lawful_though_other_programs_refuse_them(department: str) -> None:
    code = with_check(department + "1370200" + "MA0000019")
    assert check_uscc(code).ok
    assert not uscc.is_valid(code)


@pytest.mark.parametrize("code", [*GOOD, "91110000100001825N", "91320100748204661Q"])
def test_where_another_program_may_judge_it_agrees(code: str) -> None:
    assert uscc.is_valid(code) == check_uscc(code).ok


def test_there_are_12_departments_and_36_classes() -> None:
    assert "".join(DEPARTMENTS) == "123456789ANY"
    assert len(CLASSES) == 36


@pytest.mark.parametrize(
    ("text", "rule", "position", "says", "suggestion"),
    [
        ("91371923MA3COKJY73", "uscc.alphabet", 13, "第 13 位是字母 O，代码中不使用 O", None),
        (
            "9132O100748204660Q",
            "uscc.alphabet",
            5,
            "第 5 位是字母 O，代码中不使用 O；改为数字 0 后校验通过",
            "91320100748204660Q",
        ),
        (
            "9I32O100748204660Q",
            "uscc.alphabet",
            2,
            "第 2 位是字母 I，代码中不使用 I；改为数字 1 后校验通过",
            "91320100748204660Q",
        ),
        ("9132010074820466OQ", "uscc.alphabet", 17, "改为数字 0 后校验通过", "91320100748204660Q"),
        ("91S10185MA64ND8627", "uscc.alphabet", 3, "改为数字 5 后校验通过", "91510185MA64ND8627"),
        ("913Z0100748204660Q", "uscc.alphabet", 4, "改为数字 2 后校验通过", "91320100748204660Q"),
        ("91320100748204660q", "uscc.alphabet", 18, "小写字母 q", "91320100748204660Q"),
        ("9132010074820466VQ", "uscc.alphabet", 17, "代码中不使用 V", None),
        ("9132010074820466中Q", "uscc.alphabet", 17, "“中”", None),
        ("B1320100748204660Q", "uscc.department", 1, "登记管理部门", None),
        ("94320100748204660Q", "uscc.class", 2, "登记管理部门 9（工商(市场监管)）", None),
        ("91A20100748204660Q", "uscc.division", 3, "第 3–8 位是登记机关的行政区划码", None),
        ("91110000100001825N", "uscc.check", 18, "第 18 位应为", None),
        ("00000000000000000X", "uscc.placeholder", None, "占位写法", None),
        ("", "uscc.length", None, "这里是 0 位", None),
        (
            "91320100748204660Q ",
            "uscc.length",
            None,
            "这里是 19 位；改为 91320100748204660Q 后校验通过",
            "91320100748204660Q",
        ),
        ("91320100-748204660-Q", "uscc.length", None, "改为 91320100748204660Q 后校验通过", "91320100748204660Q"),
        ("91320100748204660Q001P", "uscc.length", None, "像是排污许可证编号", "91320100748204660Q"),
        ("370200000000016", "uscc.length", None, "像是工商注册号", None),
        ("748204660", "uscc.length", None, "像是组织机构代码", None),
        ("3702000000016", "uscc.length", None, "2007 年以前的 13 位注册号", None),
    ],
)
def test_a_wrong_code_is_explained(
    text: str, rule: str, position: int | None, says: str, suggestion: str | None
) -> None:
    check = check_uscc(text)
    assert (check.ok, check.rule, check.position, check.suggestion) == (False, rule, position, suggestion)
    assert says in check.message.zh
    assert check.message.en
    assert "{" not in check.message.zh + check.message.en


def test_a_registered_code_with_a_wrong_inner_code_is_only_warned_about() -> None:
    check = check_uscc(with_check("91320100748204661"))
    assert check.ok
    assert [warning.rule for warning in check.warnings] == ["uscc.inner"]
    assert "应为 0" in check.warnings[0].message.zh


@pytest.mark.parametrize(
    ("text", "rule", "position"),
    [
        ("748204660", "", None),
        ("MA64ND862", "", None),
        ("728618604", "", None),
        ("748204661", "organisation.check", 9),
        ("74820466-", "organisation.alphabet", 9),
        ("7482 4660", "organisation.alphabet", 5),
        ("74820466", "organisation.length", None),
        ("000000000", "organisation.placeholder", None),
        ("91320100748204660Q", "organisation.length", None),
    ],
)
def test_organisation_codes(text: str, rule: str, position: int | None) -> None:
    check = check_organisation_code(text)
    assert (check.ok, check.rule, check.position) == (rule == "", rule, position)


@pytest.mark.parametrize(
    ("text", "rule", "position", "warned"),
    [
        ("110108000000016", "", None, []),
        ("110108000000017", "", None, ["registration.check"]),
        ("123456NA000276X", "", None, []),
        ("123456NA00O276X", "registration.alphabet", 11, []),
        ("1234O6NA000276X", "registration.alphabet", 5, []),
        ("123456NA000276Y", "registration.alphabet", 15, []),
        ("11010800000001X", "registration.alphabet", 15, []),
        ("0" * 15, "registration.placeholder", None, []),
        ("3702000000016", "registration.length", None, []),
    ],
)
def test_registration_numbers(text: str, rule: str, position: int | None, warned: list[str]) -> None:
    check = check_registration_no(text)
    assert (check.ok, check.rule, check.position) == (rule == "", rule, position)
    assert [warning.rule for warning in check.warnings] == warned


def test_a_rule_that_nobody_has_confirmed_never_fails_a_row() -> None:
    unconfirmed = {rule.id for rule in CODE_RULES.values() if not rule.confirmed and rule.level == "error"}
    assert {rule.split(".")[0] for rule in unconfirmed} == {"citizen"}, "citizens' numbers are recognised, not checked"
    assert CODE_RULES["registration.check"].level == "warning"


def test_a_sole_trader_is_known_by_the_seventh_digit_of_an_old_number() -> None:
    assert is_sole_trader_number("370200600000012")
    assert not is_sole_trader_number("370200200000012")
    assert not is_sole_trader_number("37020060000001")


def person(first17: str) -> str:
    return first17 + ric.calc_check_digit(first17 + "0")


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (person("37020219900230001"), "citizen.birth"),
        (person("37020219000229001"), "citizen.birth"),
        (person("37020220000229001"), ""),
        (person("37020219960229001"), ""),
        (person("37020219991301001"), "citizen.birth"),
        (person("07020219991201001"), "citizen.alphabet"),
        ("3702021999120100", "citizen.length"),
        ("91320100748204660Q", "citizen.alphabet"),
    ],
)
def test_a_persons_number_is_recognised(text: str, rule: str) -> None:
    check = check_citizen_id(text)
    assert (check.ok, check.rule) == (rule == "", rule)
    assert text not in check.message.zh + check.message.en


def test_a_wrong_last_character_is_no_persons_number() -> None:
    right = person("37020219960229001")
    others = [right[:17] + char for char in "0123456789X" if char != right[17]]
    assert {check_citizen_id(other).rule for other in others} == {"citizen.check"}


@pytest.mark.parametrize(
    "text",
    [
        "91320100 748204660q",
        "９１３２０１００７４８２０４６６０Ｑ",
        " 91320100748204660Q\n",
        "91320100-74820466-0Q",
        "\ufeff91320100\u200b748204660Q",
    ],
)
def test_width_blanks_case_and_hyphens_do_not_matter(text: str) -> None:
    assert normalise_code(text) == "91320100748204660Q"
