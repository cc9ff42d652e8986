"""What must hold for every name: taken apart, folded in bulk, scored, cut into members."""

from hypothesis import given, settings
from hypothesis import strategies as st

from chengxin.resolution import consortium, scoring
from chengxin.subjects import names_bulk, names_folding, names_parts

LETTERS = "青岛澜州省市县区穗禾食品科技机械第一二十拾壹百12Ab建築有限责任公司集团分厂店（）()、·和 \u3000\ue000𠮷"
NAMES = st.text(st.sampled_from(LETTERS), max_size=24) | st.text(max_size=12).filter(lambda text: text.isprintable())


@settings(deadline=None)
@given(NAMES)
def test_parts_are_pieces_of_the_name_that_do_not_overlap(name):
    parts = names_parts.split(name)
    assert parts.text == names_folding.simplify(name)
    end = 0
    for span in parts.spans:
        assert end <= span.start < span.end <= len(parts.text)
        assert span.text == parts.text[span.start : span.end]
        end = span.end


@settings(deadline=None)
@given(st.lists(NAMES, max_size=8))
def test_a_column_folds_as_its_names_do(texts):
    texts = [text.replace("\n", "") for text in texts]
    assert names_bulk.folded(texts) == [names_folding.fold(text) for text in texts]


@settings(deadline=None)
@given(st.lists(NAMES, max_size=6))
def test_pieces_of_a_column_are_those_of_its_names(texts):
    texts = [text.replace("\n", "") for text in texts]
    found = {(row["name"], row["piece"]) for part in names_bulk.pieces(texts) for row in part.to_pylist()}
    assert found == {(at, piece) for at, text in enumerate(texts) for piece in _pieces(names_folding.fold(text))}


def _pieces(folded: str) -> set[int]:
    found = set()
    for at, char in enumerate(folded):
        for apart in names_bulk.APART:
            if at + apart[-1] < len(folded):
                key = ord(char)
                for distance in apart:
                    key = key << 21 | ord(folded[at + distance])
                found.add(key)
    return found


@settings(deadline=None, max_examples=150)
@given(NAMES, NAMES)
def test_a_score_is_between_nothing_and_one_and_one_only_for_the_same_name(one, other):
    a, b = scoring.prepare(one), scoring.prepare(other)
    value = float(scoring.scores([a], [b])[0])
    assert 0 <= value <= 1
    assert (value == 1) == (a.norm == b.norm)
    told = scoring.reasons(a, b)
    assert all(reason["verdict"] in ("same", "similar", "different", "missing") for reason in told)
    assert all(reason["asked"] or reason["found"] for reason in told if reason["part"] != "name")


@settings(deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["澜州青穗有限公司", "东岭厂", "粮油", "（食品、百货）", "联合体", "、", ";", "和", "（牵头人）"]
        ),
        max_size=8,
    )
)
def test_members_stand_in_the_cell_in_their_order(pieces):
    cell = "".join(pieces)
    end = 0
    for member in consortium.split(cell):
        assert end <= member.start
        assert cell[member.start : member.end] == member.name
        end = member.end
