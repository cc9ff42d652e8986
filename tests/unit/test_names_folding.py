"""Spellings of one name come out alike when names are compared, and different names stay different."""

import pytest

from chengxin.subjects import names, names_folding
from chengxin.subjects.names_folding import fold, shaped, sounded, undoubled


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("青穗建築工程有限公司", "青穗建筑工程有限公司"),
        ("第拾贰建筑公司", "第12建筑公司"),
        ("第一百货", "第1百货"),
        ("青穗（集团）有限公司", "青穗集团有限公司"),
        ("青穗·食品 有限公司*", "青穗食品有限公司"),
        ("ＡＢＣ青穗", "abc青穗"),
        ("⻘穗", "青穗"),
    ],
)
def test_spellings_of_one_name_fold_alike(one, other):
    assert fold(one) == fold(other)


def test_folding_goes_further_than_what_identifies():
    assert names.normalise("青穗建築") != names.normalise("青穗建筑")


@pytest.mark.parametrize(("one", "other"), [("青穗", "清穗"), ("骅金", "华金"), ("澜州", "南周"), ("新", "星")])
def test_what_sounds_alike_has_one_sound(one, other):
    assert sounded(fold(one)) == sounded(fold(other))


@pytest.mark.parametrize(("one", "other"), [("未来", "末来"), ("巳", "已"), ("土木", "士木")])
def test_what_looks_alike_has_one_shape(one, other):
    assert shaped(one) == shaped(other)


def test_doubled_characters_are_one_but_numbers_stay():
    assert undoubled(fold("青穗有限限公司")) == fold("青穗有限公司")
    assert undoubled(fold("第11公司")) != undoubled(fold("第1公司"))


def test_every_character_looks_like_one_group_only():
    seen = "".join(group for group in {to: [] for to in names_folding.shapes().values()} if group)
    assert len(seen) == len(set(seen))
    assert all(names_folding.shapes()[ord(first)] == first for first in seen)
