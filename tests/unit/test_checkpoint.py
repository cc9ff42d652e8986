"""Signed checkpoints: published examples verify, and a changed letter, a foreign key or a missing signature is refused."""

import base64
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from chengxin.ledger import sm2, verify
from chengxin.ledger.checkpoint import Checkpoint, Kind, LogKey, Signer, opened, parse_key, sign, text_of
from chengxin.ledger.verify import parse_note

NAME = "credit.example/log"
STATED = Checkpoint(NAME, 70_000, bytes(range(32)))

# golang.org/x/mod/sumdb/note, example of the package documentation: key and note
GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_TEXT = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n"
GO_LINE = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
# C2SP tlog-checkpoint and signed-note, examples of the specifications; their keys are not published
C2SP_CHECKPOINT = """example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
"""


def _ed25519() -> Signer:
    private = Ed25519PrivateKey.generate()
    return Signer(LogKey(NAME, Kind.ED25519, private.public_key().public_bytes_raw()), private.sign)


def _sm2() -> Signer:
    private = sm2.generate()
    return Signer(LogKey(NAME, Kind.SM2, sm2.public_of(private)), lambda text: sm2.sign(private, text))


def test_go_s_published_key_and_note_are_read_as_go_reads_them() -> None:
    key = parse_key(GO_KEY)
    assert (key.name, key.kind, key.line, key.id.hex()) == ("PeterNeumann", Kind.ED25519, GO_KEY, "c74f20a3")
    assert parse_note(f"{GO_TEXT}\n{GO_LINE}").signed(verify.parse_key(GO_KEY)) == 0


def test_the_published_checkpoint_is_read_field_by_field() -> None:
    note = parse_note(C2SP_CHECKPOINT)
    stated = verify.parse_checkpoint(note.text)
    assert (stated.origin, stated.size) == ("example.com/behind-the-sofa", 20_852_163)
    assert text_of(stated) == note.text
    assert note.signatures[0][1].hex() == "033de0ae"


def test_a_checkpoint_is_opened_by_the_key_that_signed_it() -> None:
    signer = _ed25519()
    assert opened(sign(STATED, [signer]), [signer.key]) == STATED
    with pytest.raises(ValueError, match="no Ed25519 signature"):
        opened(sign(STATED, [signer]), [_ed25519().key])


def test_old_and_new_key_sign_side_by_side_and_either_is_enough() -> None:
    old, new = _ed25519(), _ed25519()
    note = sign(STATED, [old, new])
    assert opened(note, [old.key]) == opened(note, [new.key]) == opened(note, [old.key, new.key]) == STATED


@pytest.mark.parametrize("line", [3, 4, 5])
def test_one_changed_signature_spoils_the_checkpoint_for_whoever_knows_its_key(line: int) -> None:
    signers = [_ed25519(), _ed25519(), _sm2()]
    lines = sign(STATED, signers).split("\n")
    place = line + 1
    name, body = lines[place].rsplit(" ", 1)
    raw = bytearray(base64.b64decode(body))
    raw[-1] ^= 1
    lines[place] = f"{name} {base64.b64encode(raw).decode()}"
    with pytest.raises(ValueError, match="does not hold"):
        opened("\n".join(lines), [signer.key for signer in signers])


def test_a_changed_size_is_noticed() -> None:
    signer = _ed25519()
    with pytest.raises(ValueError, match="does not hold"):
        opened(sign(STATED, [signer]).replace("70000", "70001"), [signer.key])


def test_an_sm2_signature_alone_is_not_enough() -> None:
    signer = _sm2()
    with pytest.raises(ValueError, match="no Ed25519 signature"):
        opened(sign(STATED, [signer]), [signer.key])


@pytest.mark.parametrize("kind", list(Kind))
def test_a_damaged_key_line_is_refused(kind: Kind) -> None:
    line = (_sm2() if kind is Kind.SM2 else _ed25519()).key.line
    assert parse_key(line).kind is kind
    damaged = line.replace(NAME, "credit.example/other")
    with pytest.raises(ValueError, match="not a key"):
        parse_key(damaged)


def test_the_published_sm2_example_verifies() -> None:
    """GB/T 32918.5-2017, appendix A: message, public key and signature on the recommended curve."""
    public = bytes.fromhex(
        "04"
        "09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020"
        "CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13"
    )
    r = int("F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3", 16)
    s = int("B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA", 16)
    signature = encode_dss_signature(r, s)
    assert sm2.holds(public, signature, b"message digest")
    assert not sm2.holds(public, signature, b"message digests")


def test_openssl_s_own_command_verifies_our_sm2_signature(tmp_path: Path) -> None:
    private = sm2.generate()
    message = text_of(STATED).encode()
    for name, content in (
        ("key", sm2.spki(sm2.public_of(private))),
        ("signature", sm2.sign(private, message)),
        ("text", message),
    ):
        (tmp_path / name).write_bytes(content)
    command = (
        "openssl pkeyutl -verify -pubin -inkey key -keyform DER -rawin -digest sm3 -pkeyopt distid:1234567812345678"
    )
    done = subprocess.run(
        [*command.split(), "-in", "text", "-sigfile", "signature"], cwd=tmp_path, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_what_is_no_sm2_key_is_named_so() -> None:
    with pytest.raises(ValueError, match="not an SM2 key"):
        sm2.public_of(b"nothing")
    with pytest.raises(ValueError, match="not an SM2 key"):
        sm2.holds(b"\x04" + b"1" * 64, b"", b"")
