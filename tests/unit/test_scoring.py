"""How alike two names are, and the reasons a clerk reads beside the number."""

import pytest

from chengxin.resolution import scoring
from chengxin.resolution.scoring import prepare, reasons, scores


def score(asked: str, found: str) -> float:
    return float(scores([prepare(asked)], [prepare(found)])[0])


def verdicts(asked: str, found: str) -> dict[str, str]:
    return {reason["part"]: reason["verdict"] for reason in reasons(prepare(asked), prepare(found))}


def test_the_same_name_scores_one_and_nothing_else_does():
    assert score("青岛青穗食品有限公司", "青岛青穗食品 有限公司") == 1
    assert score("青島青穗食品有限公司", "青岛青穗食品有限公司") < 1


@pytest.mark.parametrize(
    ("asked", "nearer", "farther"),
    [
        # a slip of sound beats another brand
        ("青岛清穗食品有限公司", "青岛青穗食品有限公司", "青岛青禾食品有限公司"),
        # another form beats another brand
        ("青岛青穗食品有限公司", "青岛青穗食品有限责任公司", "青岛青禾食品有限公司"),
        # a place left out beats another place
        ("青穗食品有限公司", "青岛青穗食品有限公司", "青岛青穗贸易公司"),
        ("青岛青穗食品有限公司", "青岛市青穗食品有限公司", "烟台青穗食品有限公司"),
        # a branch is not its enterprise, the second not the first
        ("青岛青穗食品有限公司", "青岛青穗食品有限责任公司", "青岛青穗食品有限公司市南分公司"),
        ("青岛第1建筑有限公司", "青岛第一建筑有限公司", "青岛第二建筑有限公司"),
        # a short name is in order in the full one
        ("青穗食品", "青岛青穗食品科技股份有限公司", "青岛青禾饮品科技股份有限公司"),
    ],
)
def test_the_nearer_name_scores_higher(asked, nearer, farther):
    assert score(asked, nearer) > score(asked, farther)


def test_each_part_says_whether_it_agrees_and_why():
    told = reasons(prepare("清穗食品有限责任公司"), prepare("青岛青穗食品有限公司"))
    assert told == [
        {"part": "place", "verdict": "missing", "asked": "", "found": "青岛"},
        {"part": "brand", "verdict": "similar", "asked": "清穗", "found": "青穗", "why": "sound"},
        {"part": "trade", "verdict": "same", "asked": "食品", "found": "食品"},
        {"part": "form", "verdict": "similar", "asked": "有限责任公司", "found": "有限公司"},
    ]


def test_names_that_only_folding_makes_the_same_say_so():
    assert reasons(prepare("青島青穗"), prepare("青岛青穗"))[0]["why"] == scoring.FOLDED
    assert reasons(prepare("青岛青穗有限限公司"), prepare("青岛青穗有限公司"))[0]["why"] == scoring.DOUBLED


def test_a_city_in_the_province_named_is_no_other_place():
    assert verdicts("山东青穗食品有限公司", "青岛青穗食品有限公司")["place"] == "similar"
    assert verdicts("江苏青穗食品有限公司", "青岛青穗食品有限公司")["place"] == "different"


def test_many_pairs_score_as_they_do_alone():
    pairs = [("青岛清穗食品有限公司", "青岛青穗食品有限公司"), ("青穗", "青岛青穗食品有限公司"), ("", "青穗")]
    together = scores([prepare(a) for a, _ in pairs], [prepare(b) for _, b in pairs])
    assert together.tolist() == [score(a, b) for a, b in pairs]
    assert scores([], []).tolist() == []
