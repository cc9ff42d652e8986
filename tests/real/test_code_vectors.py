"""Codes that are in use pass; the list is a published one, row numbers stand for the codes."""

from tests.real.files import real

from chengxin.subjects.identifiers import check_uscc


def test_a_published_list_of_codes_passes() -> None:
    codes = real("uscc_valid_vectors.txt").read_text(encoding="utf-8").split()
    assert len(codes) == 200
    assert [row for row, code in enumerate(codes, 1) if not check_uscc(code).ok] == []
