"""The national catalogue says what the national layouts and the rules say, and marks what nobody has confirmed."""

from datetime import date

import pytest

from chengxin.catalogue import calendars
from chengxin.catalogue.check import ROLES, SUBJECT_KINDS, check, describe, header_key
from chengxin.catalogue.conditions import Condition
from chengxin.catalogue.describe import contents
from chengxin.catalogue.loader import load
from chengxin.catalogue.model import Rank
from chengxin.catalogue.standards import WITHHOLD_REASONS
from chengxin.catalogue.tables import field_rows, spelling_rows, term_rows
from chengxin.disclosure.publication import WITHHELD
from chengxin.kernel.refusal import Refusal
from chengxin.subjects.model import Kind

CATALOGUE = load()
XZCF, XZXK = CATALOGUE.items["xzcf"], CATALOGUE.items["xzxk"]
PENALTY_FIELDS = [
    "CF_XDR_MC",
    "CF_XDR_LB",
    "CF_XDR_SHXYM",
    "CF_XDR_GSZC",
    "CF_XDR_ZZJG",
    "CF_XDR_SWDJ",
    "CF_XDR_SYDW",
    "CF_XDR_SHZZ",
    "CF_FRDB",
    "CF_FR_ZJLX",
    "CF_FR_ZJHM",
    "CF_XDR_ZJLX",
    "CF_XDR_ZJHM",
    "CF_WSH",
    "CF_WFXW",
    "CF_SY",
    "CF_YJ",
    "CF_CFLB",
    "CF_NR",
    "CF_NR_FK",
    "CF_NR_WFFF",
    "CF_NR_ZKDX",
    "CF_JDRQ",
    "CF_YXQ",
    "CF_GSJZQ",
    "CF_CFJG",
    "CF_CFJGDM",
    "CF_SJLY",
    "CF_SJLYDM",
    "BZ",
]
LICENCE_FIELDS = [
    "XK_XDR_MC",
    "XK_XDR_LB",
    "XK_XDR_SHXYM",
    "XK_XDR_GSZC",
    "XK_XDR_ZZJG",
    "XK_XDR_SWDJ",
    "XK_XDR_SYDW",
    "XK_XDR_SHZZ",
    "XK_FRDB",
    "XK_FR_ZJLX",
    "XK_FR_ZJHM",
    "XK_XDR_ZJLX",
    "XK_XDR_ZJHM",
    "XK_XKWS",
    "XK_WSH",
    "XK_XKLB",
    "XK_XKZS",
    "XK_XKBH",
    "XK_NR",
    "XK_JDRQ",
    "XK_YXQZ",
    "XK_YXQZI",
    "XK_XKJG",
    "XK_XKJGDM",
    "XK_ZT",
    "XK_LYDW",
    "XK_LYDWDM",
    "BZ",
]
PERSONAL = {"FR_ZJLX", "FR_ZJHM", "XDR_ZJLX", "XDR_ZJHM"}


def test_a_penalty_has_the_thirty_national_fields_in_their_order() -> None:
    assert [f.id for f in XZCF.fields] == PENALTY_FIELDS
    assert len(XZCF.fields) == 30


def test_a_licence_has_the_twenty_eight_national_fields_in_their_order() -> None:
    assert [f.id for f in XZXK.fields] == LICENCE_FIELDS
    assert len(XZXK.fields) == 28


@pytest.mark.parametrize("item", [XZCF, XZXK], ids=["xzcf", "xzxk"])
def test_identity_documents_of_persons_are_never_stored(item) -> None:
    dropped = {f.id.split("_", 1)[1] for f in item.fields if f.personal == "drop"}
    assert dropped == PERSONAL
    assert not PERSONAL & {f.id.split("_", 1)[-1] for f in item.stored_fields}
    assert not PERSONAL & {f.split("_", 1)[-1] for f in item.published}


def test_the_operator_of_a_sole_trader_is_hidden() -> None:
    for item, field in ((XZCF, "CF_FRDB"), (XZXK, "XK_FRDB")):
        assert item.field(field).personal == "hide"
        assert item.field(field).hide_for == ("sole_trader",)


def test_kinds_of_subject_are_spelled_as_the_subject_base_spells_them() -> None:
    assert set(SUBJECT_KINDS) == {kind.value for kind in Kind}


def test_amounts_are_asked_for_when_the_kind_of_penalty_has_one() -> None:
    assert XZCF.field("CF_NR_FK").required == Condition("contains", "CF_CFLB", ("罚款",))
    assert XZCF.field("CF_NR_FK").digits == (18, 6)
    assert XZCF.field("CF_NR_FK").unit == "万元"


def test_what_was_only_recalled_is_marked_unconfirmed() -> None:
    assert XZXK.field("XK_XKWS").unconfirmed == ("length",)
    assert not XZXK.field("XK_XKWS").confirmed
    assert XZCF.field("CF_JDRQ").confirmed
    assert set(CATALOGUE.codelists["licence-status"].values[0].label.zh) == set("有效")
    assert not CATALOGUE.codelists["licence-status"].confirmed


def test_the_national_catalogue_has_no_errors_and_lists_everything_unconfirmed() -> None:
    problems = check(CATALOGUE)
    assert {p.level for p in problems} == {"warning"}
    unconfirmed = [f"{i.id}.{f.id}" for i in CATALOGUE.items.values() for f in i.all_fields if not f.confirmed]
    listed = " ".join(p.what.en for p in problems)
    assert unconfirmed
    assert all(f"{name} is unconfirmed" in listed for name in unconfirmed)


def test_every_role_and_reason_in_use_is_a_known_one() -> None:
    assert {role for item in CATALOGUE.items.values() for role in item.roles} <= ROLES
    assert set(WITHHOLD_REASONS) <= set(WITHHELD)


def test_old_files_are_never_public() -> None:
    archive = CATALOGUE.items["xzcf-archive"]
    assert archive.publicity == "never"
    assert archive.published == ()
    assert CATALOGUE.regimes_of("xzcf-archive") == ()


def test_the_ranks_of_a_basis_are_the_eight_in_their_order() -> None:
    assert next(iter(Rank)).title.zh == "法律"
    assert len(Rank) == 8
    assert CATALOGUE.laws["xingzheng-chufa-fa"].rank < CATALOGUE.laws["fagaiwei-36"].rank


@pytest.mark.parametrize(
    ("codelist", "spelling", "value"),
    [
        ("party-kind", "04", "个体工商户"),
        ("party-kind", "法人和非法人组织", "法人及非法人组织"),
        ("penalty-kind", "02", "罚款"),
        ("penalty-kind", "其他-责令公开道歉", "其他-责令公开道歉"),
        ("penalty-kind", "其他-", None),
        ("penalty-kind", "2", None),
        ("licence-kind", "其他", None),
        ("licence-kind", "其他-备案", "其他-备案"),
        ("licence-status", "有效", "1"),
    ],
)
def test_spellings_met_in_the_field_find_their_value(codelist: str, spelling: str, value: str | None) -> None:
    assert CATALOGUE.codelists[codelist].canonical(spelling) == value


def test_the_2015_layout_does_not_carry_old_meanings_into_new_fields() -> None:
    layout = CATALOGUE.layouts["xzcf-2015"]
    assert "CF_JG" in layout.headers["CF_NR"]
    assert "CF_XZJG" in layout.headers["CF_CFJG"]
    assert layout.stand_ins == ("CF_SY",)
    assert layout.joined["CF_CFLB"] == (("CF_CFLB1", "处罚类别1"), ("CF_CFLB2", "处罚类别2"))
    kinds = CATALOGUE.codelists["penalty-kind"]
    assert kinds.canonical(layout.values["CF_CFLB"]["2"]) == "罚款"
    assert kinds.canonical(layout.values["CF_CFLB"]["5"]) is None, "暂扣或吊销 must be told apart by a person"
    assert "CF_SFZ" not in layout.drop
    assert "CF_XDR_SFZ" in layout.headers["CF_XDR_ZJHM"], "recognised, so that the row can be refused"
    licence = CATALOGUE.layouts["xzxk-2015"]
    assert licence.values["XK_ZT"]["1"] == "2"
    status = CATALOGUE.codelists["licence-status"]
    assert status.canonical(licence.values["XK_ZT"]["2"]) is None


def test_required_fields_that_2015_lacked_stay_missing() -> None:
    layout = CATALOGUE.layouts["xzcf-2015"]
    carried = {*layout.headers, *layout.joined}
    missing = {f.id for f in XZCF.fields if f.required == "always"} - carried
    assert missing == {"CF_XDR_LB", "CF_WFXW", "CF_YXQ", "CF_CFJGDM", "CF_SJLY", "CF_SJLYDM"}


@pytest.mark.parametrize(
    ("layout", "header", "field"),
    [
        ("xzcf-code", "CF_CFWSH", "CF_WSH"),
        ("xzcf-code", "CF_LYDW", "CF_SJLY"),
        ("xzcf-code", "CF_FR_SFZH", "CF_FR_ZJHM"),
        ("xzxk-code", "XK_FDDB", "XK_FRDB"),
        ("xzxk-code", "xk_xdr_zdm", "XK_XDR_ZZJG"),
        ("xzcf-label", "行政相对人代码_1 (统一社会信用代码)", "CF_XDR_SHXYM"),
        ("xzcf-label", "行政相对人代码_1（统一社会\n信用代码）", "CF_XDR_SHXYM"),
        ("xzcf-label", "罚款金额(万元)", "CF_NR_FK"),
        ("xzcf-label", "行政相对人代码_2(组织机构代码)", None),
    ],
)
def test_headers_met_in_the_field_find_their_field(layout: str, header: str, field: str | None) -> None:
    headers = {header_key(h): f for f, hs in CATALOGUE.layouts[layout].headers.items() for h in hs}
    assert headers.get(header_key(header)) == field


def test_every_layout_of_the_present_carries_every_field() -> None:
    for item in (XZCF, XZXK):
        for form in ("code", "label"):
            layout = CATALOGUE.layouts[f"{item.id}-{form}"]
            assert list(layout.headers) == [f.id for f in item.all_fields]


def test_a_deadline_counts_adjusted_holidays_and_says_when_it_is_provisional() -> None:
    calendar = CATALOGUE.calendars["cn"]
    assert calendars.due(calendar, date(2026, 9, 24), 7) == calendars.Deadline(date(2026, 10, 12), False)
    assert calendars.due(calendar, date(2026, 12, 30), 7).provisional
    assert not calendars.is_working_day(calendar, date(2026, 10, 1))
    assert calendars.is_working_day(calendar, date(2026, 10, 10)), "a Saturday worked"


def test_an_entry_is_shown_with_its_basis_and_whether_it_is_confirmed() -> None:
    shown = describe(CATALOGUE, "2026-order36")
    assert shown["kind"] == "terms"
    assert shown["confirmed"] is False
    assert shown["basis"][0] == {"law": "fagaiwei-36", "article": "公示期限"}
    assert describe(CATALOGUE, "layouts/xzcf-archive")["kind"] == "layouts"
    assert describe(CATALOGUE, "xzcf-archive")["kind"] == "items"
    assert "xzcf" in contents(CATALOGUE)["items"]
    with pytest.raises(Refusal, match=r"catalogue\.unknown"):
        describe(CATALOGUE, "nothing")


def test_tables_carry_every_field_value_and_term() -> None:
    assert len(field_rows(XZCF)) == 35
    assert {"codelist": "party-kind", "spelling": "04", "value": "个体工商户", "means": "sole_trader"} in spelling_rows(
        CATALOGUE
    )
    assert {r["regime"] for r in term_rows(CATALOGUE, "xzcf")} == {
        "2019-527",
        "2023-order58",
        "2026-order36",
        "samr-107",
    }
