"""A name enters the index with the same terms alone and in a column of a million."""

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from chengxin.storage.search import documents
from chengxin.subjects import names, terms

WORDS = [
    "青岛",
    "海尔",
    "重庆",
    "银行",
    "长",
    "⻛",
    "有限公司",
    "有限责任公司",
    "（",
    "(",
    "·",
    "Abc",
    "9",
    "\ue5e5",
    "𠮷",
    "😀",
    "é",
    "\U000f0001",
    "，",
    "行业",
    "厦门",
    "〇",
]
PIECES = st.sampled_from([*WORDS, " ", "\n", "\u3000"])
NAMES = st.one_of(
    st.lists(PIECES, max_size=9).map("".join), st.text(max_size=15).filter(lambda text: "\x00" not in text)
)


@settings(max_examples=60, deadline=None)
@given(st.lists(NAMES, max_size=40))
def test_the_index_holds_what_a_single_name_gives(texts: list[str]) -> None:
    count = len(texts)
    table = pa.table(
        {
            "subject": [str(n) for n in range(count)],
            "text": pa.array(texts, pa.string()),
            "kind": ["enterprise"] * count,
        }
    )
    made = documents(table, first_doc=7, vendor="sqlite")
    listed = documents(table, first_doc=7, vendor="postgresql")["name_doc"]
    assert made["name_term"]["rowid"].to_pylist() == made["name_doc"]["doc"].to_pylist() == list(range(7, 7 + count))
    for text, norm, joined, separate in zip(
        texts,
        made["name_doc"]["norm"].to_pylist(),
        made["name_term"]["terms"].to_pylist(),
        listed["terms"].to_pylist(),
        strict=True,
    ):
        assert norm == names.normalise(text)
        assert set(joined.split(" ")) - {""} == set(separate) - {""} == set(terms.terms(text)), ascii(text)


@settings(deadline=None)  # the first example loads tables
@given(st.lists(PIECES, min_size=2, max_size=6).map("".join), st.data())
def test_every_part_of_a_name_asks_only_for_terms_the_name_has(name: str, data: st.DataObject) -> None:
    plain = terms.searched(name)
    first = data.draw(st.integers(0, len(plain)))
    last = data.draw(st.integers(first, len(plain)))
    held = set(terms.terms(name))
    assert set(terms.part(plain[first:last])) <= held
    assert set(terms.start(plain[:last])) <= held
    letters = names.initials(name)
    if terms.NO_INITIAL not in letters:
        assert set(terms.initials(letters[first:last])) <= held or last - first == 2


@settings(deadline=None)  # the first example loads tables
@given(st.text("青岛海尔深圳科技贸易华光大山东工程建筑", min_size=8, max_size=40), st.data())
def test_a_name_with_one_wrong_character_is_still_asked_for(name: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(name) - 1))
    kind = data.draw(st.sampled_from(["wrong", "missing", "added", "exchanged"]))
    asked = {
        "wrong": name[:at] + "误" + name[at + 1 :],
        "missing": name[:at] + name[at + 1 :],
        "added": name[:at] + "误" + name[at:],
        "exchanged": name[:at] + name[at : at + 2][::-1] + name[at + 2 :],
    }[kind]
    assert terms.one_slip_apart(asked, name)
    if len(asked) >= 8:
        held = set(terms.terms(name))
        alternatives = terms.slips(asked, exchanged=kind == "exchanged")
        assert any(set(alternative) <= held for alternative in alternatives), (asked, name)
