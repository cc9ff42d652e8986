"""Who won: each member of a consortium by itself, and no name cut in two."""

import pytest

from chengxin.resolution.consortium import split

ONE, TWO, THREE = "澜州青穗建设有限公司", "东岭设计院", "澜州青禾（集团）有限公司"


@pytest.mark.parametrize(
    ("cell", "members"),
    [
        (f"{ONE}、{TWO}联合体", [ONE, TWO]),
        (f"{ONE}、{TWO}、{THREE}", [ONE, TWO, THREE]),
        (f"{ONE};{TWO}", [ONE, TWO]),
        (f"联合体：{ONE}，{TWO}", [ONE, TWO]),
        (f"{ONE}和{TWO}联合体", [ONE, TWO]),
        (f"{ONE}、{TWO}（联合体）", [ONE, TWO]),
        (ONE, [ONE]),
        ("澜州日用（食品、百货）有限公司", ["澜州日用（食品、百货）有限公司"]),
        ("澜州粮油、食品进出口有限公司", ["澜州粮油、食品进出口有限公司"]),
        (f"澜州粮油、食品进出口有限公司、{TWO}", ["澜州粮油、食品进出口有限公司", TWO]),
        ("澜州和顺与众有限公司", ["澜州和顺与众有限公司"]),
        ("", []),
        ("、、", []),
    ],
)
def test_members_are_told_apart_and_names_stay_whole(cell, members):
    found = split(cell)
    assert [member.name for member in found] == members
    assert [cell[member.start : member.end] for member in found] == members


def test_the_lead_is_the_one_that_is_named_so_else_the_first():
    assert [one.part for one in split(f"{ONE}（成员）、{TWO}（牵头人）")] == ["member", "lead"]
    assert [one.part for one in split(f"牵头人：{ONE}，成员：{TWO}")] == ["lead", "member"]
    assert [one.part for one in split(f"{ONE}、{TWO}")] == ["lead", "member"]
