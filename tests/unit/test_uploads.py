"""Uploads at rest (上传文件加密存放)."""

import io
import os
import random
import threading

import pytest

from chengxin.intake.uploads import CHUNK, encrypt_stream, open_encrypted
from chengxin.kernel.refusal import Refusal

KEY = bytes(range(32))


def _stored(tmp_path, content, key=KEY):
    path = tmp_path / "upload"
    with path.open("wb") as out:
        assert encrypt_stream(io.BytesIO(content), out, key) == len(content)
    return path


@pytest.mark.parametrize("size", [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 17])
def test_a_file_comes_back_as_it_was_sent(tmp_path, size):
    content = random.Random(size).randbytes(size)
    with open_encrypted(_stored(tmp_path, content), KEY) as stream:
        assert stream.read() == content
        assert stream.seek(0, 2) == size


def test_any_part_can_be_read_first(tmp_path):
    content = random.Random(5).randbytes(3 * CHUNK + 99)
    with open_encrypted(_stored(tmp_path, content), KEY) as stream:
        for start in (3 * CHUNK, 7, CHUNK - 3, 2 * CHUNK):
            stream.seek(start)
            assert stream.read(50) == content[start : start + 50]


def test_nothing_of_the_content_can_be_seen_on_disk(tmp_path):
    content = "示例市某某有限公司".encode() * 1000
    stored = _stored(tmp_path, content).read_bytes()
    assert content[:12] not in stored
    assert _stored(tmp_path, content).read_bytes() != stored, "the same file twice does not look alike"


@pytest.mark.parametrize("harm", ["cut", "chunk cut", "changed", "swapped", "other key", "no such file"])
def test_a_damaged_file_is_noticed(tmp_path, harm):
    content = random.Random(1).randbytes(4 * CHUNK)
    path = _stored(tmp_path, content)
    raw = bytearray(path.read_bytes())
    whole = CHUNK + 16
    if harm == "cut":
        raw = raw[:-5]
    elif harm == "chunk cut":
        raw = raw[:-whole]
    elif harm == "changed":
        raw[20 + whole + 9] ^= 1
    elif harm == "swapped":
        raw[20 : 20 + whole], raw[20 + whole : 20 + 2 * whole] = raw[20 + whole : 20 + 2 * whole], raw[20 : 20 + whole]
    elif harm == "no such file":
        raw = bytearray(b"plain text, never encrypted, and long enough")
    path.write_bytes(raw)
    key = bytes(32) if harm == "other key" else KEY
    with pytest.raises(Refusal) as refused, open_encrypted(path, key) as stream:
        stream.read()
    assert refused.value.rule == "upload.damaged"
    assert refused.value.remedy.zh


def test_a_file_is_encrypted_while_it_arrives_through_a_pipe(tmp_path):
    content = random.Random(2).randbytes(CHUNK + 1000)
    reading, writing = os.pipe()

    def send():
        with os.fdopen(writing, "wb") as pipe:
            for start in range(0, len(content), 777):
                pipe.write(content[start : start + 777])
                pipe.flush()

    sender = threading.Thread(target=send)
    sender.start()
    path = tmp_path / "piped"
    with os.fdopen(reading, "rb", buffering=0) as pipe, path.open("wb") as out:
        encrypt_stream(pipe, out, KEY)
    sender.join()
    with open_encrypted(path, KEY) as stream:
        assert stream.read() == content
