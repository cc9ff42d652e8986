"""The subject base over time: names and codes with their days, exchanged codes, relations; one subject stays one."""

from datetime import date

import pytest
from tests.integration.paper import REGISTER, SOURCE, uscc

from chengxin.operations import acts, lookup, registry
from chengxin.operations.rebuild import rebuild
from chengxin.operations.submit import submit_rows
from chengxin.records.model import Act
from chengxin.storage import bulk
from chengxin.storage.models import Record, Source, Subject, SubjectCode, SubjectName, SubjectRelation


@pytest.fixture(scope="module")
def register(database):
    """``register(rows…)``: hand rows in as the register does, one file a call."""
    Source.objects.create(code=SOURCE, name="澜州市市场监督管理局")

    def hand_in(*rows: dict[str, str], item: str = "djxx"):
        return submit_rows(rows=rows, item=item, source=SOURCE).outcomes

    return hand_in


def names_of(subject: str) -> dict[str, tuple[str, date | None, date | None, bool]]:
    held = SubjectName.objects.filter(subject=subject)
    return {name.text: (name.kind, name.since, name.until, name.stated) for name in held}


def test_a_new_name_keeps_the_subject_and_closes_the_old_name_on_the_day_of_the_change(register):
    code = uscc(3100)
    register({"DJ_MC": "澜州清水食品有限公司", "DJ_DM": code, "DJ_MCRQ": "2015-03-01"})
    done = register({"DJ_MC": "澜州清泉食品有限公司", "DJ_DM": code, "DJ_MCRQ": "2026-05-06"})
    assert done["corrected"] == 1, "the change is an entry of its own"
    assert names_of(code) == {
        "澜州清水食品有限公司": ("former", date(2015, 3, 1), date(2026, 5, 6), True),
        "澜州清泉食品有限公司": ("current", date(2026, 5, 6), None, True),
    }
    register(
        {
            "DJ_MC": "澜州清泉食品有限公司",
            "DJ_DM": code,
            "DJ_MCRQ": "2026-05-06",
            "DJ_ZT": "注销",
            "DJ_ZTRQ": "2026-09-01",
        }
    )
    found = lookup.subject(code)
    assert (found.id, found.status, found.status_since) == (code, "注销", date(2026, 9, 1))
    assert {name.text: (name.since, name.until) for name in found.names} == {
        "澜州清水食品有限公司": (date(2015, 3, 1), date(2026, 5, 6)),
        "澜州清泉食品有限公司": (date(2026, 5, 6), None),
    }


def test_a_name_replaced_without_a_word_is_kept_as_former_and_marked_for_the_cross_check(register):
    code = uscc(3101)
    register({"DJ_MC": "澜州山门建材有限公司", "DJ_DM": code}, {"DJ_MC": "澜州山间建材有限公司", "DJ_DM": code})
    assert names_of(code)["澜州山门建材有限公司"] == ("former", None, None, False)
    listed = {
        "DJ_MC": "澜州山间建材有限公司",
        "DJ_DM": code,
        "DJ_CYM": "澜州山门建材有限公司",
        "DJ_QTMC": "山间建材河东店",
    }
    register(listed)
    assert names_of(code)["澜州山门建材有限公司"] == ("former", None, None, True)
    assert names_of(code)["山间建材河东店"][0] == "branch"


def test_an_exchanged_code_leads_to_the_same_subject(register):
    old, new = uscc(3102), uscc(3103, "91990200")
    register({"DJ_MC": "澜州远航物流有限公司", "DJ_DM": old, "DJ_DMRQ": "2016-01-04"})
    register({"DJ_MC": "澜州远航物流有限公司", "DJ_DM": new, "DJ_YDM": old, "DJ_DMRQ": "2026-02-03"})
    held = {code.value: (code.state, code.since, code.until) for code in lookup.subject(new).codes}
    assert held == {
        old: ("former", date(2016, 1, 4), date(2026, 2, 3)),
        new: ("current", date(2026, 2, 3), None),
    }
    assert lookup.subject(old).id == lookup.subject(new).id == old
    assert lookup.subject(old).code == new


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_a_code_exchanged_twice_in_one_file_is_one_subject_with_the_newest_code(register, order):
    first, second, third = (uscc(3300 + 10 * order[0] + number, "91990200") for number in range(3))
    name = {"DJ_MC": f"澜州再换建材{'甲乙丙'[order[0]]}有限公司"}
    rows = [
        name | {"DJ_DM": first},
        name | {"DJ_DM": second, "DJ_YDM": first},
        name | {"DJ_DM": third, "DJ_YDM": second},
    ]
    register(*(rows[number] for number in order))
    assert {code.value: code.state for code in lookup.subject(third).codes} == {
        first: "former",
        second: "former",
        third: "current",
    }
    assert lookup.subject(first).id == lookup.subject(second).id == lookup.subject(third).id


def test_an_old_code_under_a_foreign_name_merges_nobody(register):
    old, new = uscc(3104), uscc(3105)
    register({"DJ_MC": "澜州甲工厂有限公司", "DJ_DM": old})
    register({"DJ_MC": "澜州乙工厂有限公司", "DJ_DM": new, "DJ_YDM": old})
    assert Subject.objects.filter(id__in=[old, new]).count() == 2
    assert SubjectCode.objects.filter(code=old).count() == 2, "one code on two subjects: for the cross-check to report"


ORDERS = {
    "number first": ("n", "cn"),
    "code first": ("cn", "n"),
    "number, code with number, code alone": ("n", "cn", "c"),
    "code alone, number alone, then both": ("c", "n", "cn"),
    "both codes claim one number": ("n", "cn", "dn"),
}


@pytest.mark.parametrize("order", ORDERS)
def test_one_file_that_lists_an_organisation_by_number_and_by_code_makes_one_subject(register, order):
    serial = 3200 + 10 * list(ORDERS).index(order)
    number, name = f"99010000000{serial}", f"澜州测试第{serial}有限公司"
    parts = {"c": {"DJ_DM": uscc(serial)}, "d": {"DJ_DM": uscc(serial + 1)}, "n": {"DJ_ZCH": number}}
    rows = []
    for row in ORDERS[order]:
        rows.append({"DJ_MC": name, **{k: v for part in row for k, v in parts[part].items()}})
    register(*[{"DJ_MC": name} | {k: v for part in row for k, v in parts[part].items()} for row in ORDERS[order]])
    subjects = set(Subject.objects.filter(name=name).values_list("id", flat=True))
    if "d" in "".join(ORDERS[order]):
        assert len(subjects) == 3, "two codes claim the number: nobody is merged, the cross-check reports them"
        return
    assert subjects == {number if ORDERS[order][0] == "n" else uscc(serial)}
    assert lookup.subject(uscc(serial)).id == lookup.subject(number).id


def test_a_number_known_before_and_named_with_two_codes_in_one_file_goes_to_the_first(register):
    number, name = "990100000003301", "澜州测试第三三有限公司"
    register({"DJ_MC": name, "DJ_ZCH": number})
    first, second = uscc(3301), uscc(3302)
    register(
        {"DJ_MC": name, "DJ_DM": first, "DJ_ZCH": number},
        {"DJ_MC": name, "DJ_DM": second, "DJ_ZCH": number},
        {"DJ_MC": name, "DJ_DM": first},
    )
    assert lookup.subject(first).id == number
    assert lookup.subject(second).id == second


def test_relations_are_rows_of_the_register_and_shown_from_both_sides(register):
    head, branch, heir = uscc(3400), uscc(3401), uscc(3402)
    register(
        {"DJ_MC": "澜州总部有限公司", "DJ_DM": head},
        {"DJ_MC": "澜州总部有限公司河东分公司", "DJ_DM": branch},
        {"DJ_MC": "澜州承继有限公司", "DJ_DM": heir},
    )
    done = register(
        {
            "GX_MC": "澜州总部有限公司河东分公司",
            "GX_DM": branch,
            "GX_LX": "分公司",
            "GX_GLMC": "澜州总部有限公司",
            "GX_GLDM": head,
        },
        {"GX_MC": "澜州总部有限公司", "GX_DM": head, "GX_LX": "并入", "GX_GLDM": heir, "GX_QRQ": "2026-01-02"},
        {"GX_MC": "澜州总部有限公司", "GX_DM": head, "GX_LX": "并入", "GX_GLDM": uscc(3499)},
        item="djgx",
    )
    assert done["accepted"] == 3
    ended = {
        "GX_MC": "澜州总部有限公司河东分公司",
        "GX_DM": branch,
        "GX_LX": "分支机构",
        "GX_GLDM": head,
        "GX_ZRQ": "2026-06-30",
    }
    assert register(ended, item="djgx")["corrected"] == 1
    assert SubjectRelation.objects.get(subject=branch).until == date(2026, 6, 30)
    told = [(r.means, r.outward, r.code, r.name, r.since, r.until) for r in registry.relations(lookup.subject(head))]
    assert told == [
        ("branch-of", False, branch, "澜州总部有限公司河东分公司", None, date(2026, 6, 30)),
        ("merged-into", True, heir, "澜州承继有限公司", date(2026, 1, 2), None),
        ("merged-into", True, uscc(3499), "", None, None),
    ]


def test_a_relation_goes_with_its_record_and_comes_back_with_it(register):
    head, branch = uscc(3410), uscc(3411)
    register(
        {"DJ_MC": "澜州归一有限公司", "DJ_DM": head},
        {"DJ_MC": "澜州归一有限公司东城分公司", "DJ_DM": branch},
    )
    row = {"GX_MC": "澜州归一有限公司东城分公司", "GX_DM": branch, "GX_LX": "分公司", "GX_GLDM": head}
    register(row, item="djgx")
    record = bytes(Record.objects.get(item="djgx", subject=branch).id).hex()
    acts.unlink(record, by=SOURCE, reason="关系不实。")
    assert registry.relations(lookup.subject(head)) == ()
    assert rebuild()["equal"]
    assert registry.relations(lookup.subject(head)) == ()
    register(row, item="djgx")
    assert [told.code for told in registry.relations(lookup.subject(head))] == [branch]
    acts.on_record(Act.WITHDRAW, record, by=SOURCE, reason="关系不实。")
    assert registry.relations(lookup.subject(head)) == ()
    assert rebuild()["equal"]


def test_a_rebuild_from_the_ledger_makes_the_same_base(register):
    register(*[{"DJ_MC": row["名称"], "DJ_DM": row["统一社会信用代码"]} for row in REGISTER])
    found = rebuild()
    assert [name for name, table in found["tables"].items() if not table["equal"]] == []


def test_a_large_register_without_days_is_handed_in_again_and_rebuilt(register, monkeypatch):
    """Of an answer of two thousand subjects, the first thousand hold no day at all."""
    monkeypatch.setattr(bulk, "STREAMED", 1000)
    rows = [{"DJ_MC": f"澜州大册第{number}号有限公司", "DJ_DM": uscc(5000 + number)} for number in range(2000)]
    dated = {"DJ_MC": "澜州大册末号有限公司", "DJ_DM": max(row["DJ_DM"] for row in rows)}
    register(*[row for row in rows if row["DJ_DM"] != dated["DJ_DM"]], dated | {"DJ_MCRQ": "2015-03-01"})
    again = [row | {"DJ_JYFW": "食品销售"} for row in rows if row["DJ_DM"] != dated["DJ_DM"]]
    assert register(*again, dated | {"DJ_MCRQ": "2016-03-01"})["corrected"] == 2000
    assert rebuild()["equal"]
