"""An English reader never meets a page that half answers in Chinese."""

import io
import re

import pytest
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

from chengxin.web import translations

_PLACES = re.compile(r"%\((\w+)\)")


@pytest.fixture(scope="module")
def catalogue():
    return read_po(io.BytesIO(translations.PO.read_bytes()))


def test_every_text_of_every_page_has_its_english(catalogue):
    for message, files in translations.messages().items():
        id = message if isinstance(message, str) else message[0]
        english = getattr(catalogue.get(id), "string", "")
        assert english, f"{id} ({', '.join(sorted(set(files)))}) has no English"


def test_english_texts_fill_the_same_places_as_the_chinese_ones(catalogue):
    for message in catalogue:
        texts = message.string if isinstance(message.string, tuple) else (message.string,)
        id = message.id if isinstance(message.id, str) else message.id[0]
        for text in texts:
            assert set(_PLACES.findall(text)) == set(_PLACES.findall(id)), id


def test_what_is_served_is_what_was_translated(catalogue):
    served = read_mo(io.BytesIO(translations.MO.read_bytes()))
    assert _texts(served) == _texts(catalogue)


def _texts(catalogue):
    return {
        m.id if isinstance(m.id, str) else m.id[0]: (m.string,) if isinstance(m.string, str) else tuple(m.string)
        for m in catalogue
        if m.id
    }
