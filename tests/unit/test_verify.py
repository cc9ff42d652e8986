"""A stranger with one file and one key finds out whether a proof holds, and if not, which part of it was changed."""

import ast
import base64
import json
import subprocess
import sys
import venv
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from chengxin.kernel import canonical
from chengxin.ledger import bundle, proof, verify, witness
from chengxin.ledger.bundle import Proven
from chengxin.ledger.merkle import Tree, root_of
from chengxin.ledger.model import Batch
from chengxin.ledger.verify import LOG_KEY, Key, Unreadable, leaf_hash, parse_key, parse_policy

ORIGIN = "credit.example/log"
LOG, OTHER, WITNESS = (Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32) for n in (1, 2, 3))
BATCH = Batch("R-20261120-0001", "2026-11-20T01:00:00Z", "11990100000000001X", "00" * 32)
CONTENTS = [
    canonical.encode({"act": "state", "fields": {"n": str(n), "名": "澜州青穗食品有限公司"}}) for n in range(300)
]
NONCES = [n.to_bytes(16, "big") for n in range(300)]
BODIES = [BATCH.leaf(canonical.item_digest(*pair).hex()) for pair in zip(NONCES, CONTENTS, strict=True)]


def log_key(key: Ed25519PrivateKey, name: str = ORIGIN) -> Key:
    raw = key.public_key().public_bytes_raw()
    bare = Key(name, LOG_KEY, raw, "")
    return Key(name, LOG_KEY, raw, f"{name}+{bare.id.hex()}+{base64.b64encode(bytes([LOG_KEY]) + raw).decode()}")


def note(size: int, leaves: list[bytes] | None = None, key: Ed25519PrivateKey = LOG) -> str:
    root = root_of(leaf_hash(leaf) for leaf in (leaves or BODIES)[:size])
    text = f"{ORIGIN}\n{size}\n{base64.b64encode(root).decode()}\n"
    signature = base64.b64encode(log_key(key).id + key.sign(text.encode())).decode()
    return f"{text}\n— {ORIGIN} {signature}\n"


def reader(leaves: list[bytes] | None = None):
    tree = Tree(0, lambda level, number: b"")
    tree.append(b"".join(map(leaf_hash, leaves or BODIES)))
    tiles = tree.take_changed()
    return lambda level, number: tiles[level, number]


READ = reader()
COSIGNED = note(300) + witness.cosign(verify.parse_note(note(300)).text, "w.example", WITNESS, 1_790_000_000)
POLICY = parse_policy(
    f"log {log_key(LOG).line}\nwitness W {witness.witness_key('w.example', WITNESS).line}\nquorum W\n"
)


def file_of(index: int = 257, checkpoint: str = COSIGNED) -> dict:
    entry = Proven(index, BODIES[index], proof.inclusion(index, 300, READ), CONTENTS[index].decode(), NONCES[index])
    made = bundle.proof(
        note=checkpoint,
        keys=[log_key(LOG).line],
        witnesses=[witness.witness_key("w.example", WITNESS).line],
        entries=[entry],
        earlier=(note(200), proof.consistency(200, 300, READ)),
    )
    return json.loads(json.dumps(made))


def faults(file: dict, **how) -> list[str]:
    return [fault[0] for fault in verify.check(file, **({"keys": [log_key(LOG)]} | how)).faults]


def test_a_true_proof_holds_and_says_what_was_checked():
    report = verify.check(file_of(), [log_key(LOG)], POLICY)
    assert report.faults == []
    assert [line[0] for line in report.held] == [
        "checkpoint.signed",
        "cosignature.held",
        "entry.included",
        "content.same",
        "checkpoint.signed",
        "earlier.kept",
    ]
    assert all(zh and en and zh != en for _, _, zh, en in report.held)


def test_a_key_taken_from_the_file_itself_is_pointed_out():
    assert "key.own" in [line[0] for line in verify.check(file_of()).notes]
    assert "key.own" not in [line[0] for line in verify.check(file_of(), [log_key(LOG)]).notes]


def flipped(text: str) -> str:
    """Base64 or hex of other bytes of the same length."""
    return ("B" if text[0] != "B" else "C") + text[1:]


def change(**changes):
    def apply(file: dict) -> None:
        file["entries"][0].update({name: made(file["entries"][0][name]) for name, made in changes.items()})

    return apply


def at_checkpoint(old: str, new: str):
    def apply(file: dict) -> None:
        file["checkpoint"] = file["checkpoint"].replace(old, new, 1)

    return apply


def in_path(place: int, of: str):
    def apply(file: dict) -> None:
        path = file["entries"][0]["path"] if of == "entry" else file["earlier"]["path"]
        path[place] = flipped(path[place])

    return apply


def forged(file: dict) -> None:
    file["checkpoint"] = note(300, key=OTHER)


def cosignature_forged(file: dict) -> None:
    head, _, last = file["checkpoint"].rstrip("\n").rpartition(" ")
    raw = bytearray(base64.b64decode(last))
    raw[-1] ^= 1
    file["checkpoint"] = f"{head} {base64.b64encode(raw).decode()}\n"


TAMPERED = {
    "the content": (change(content=lambda text: text.replace("青穗", "白穗")), ["content.digest"]),
    "the nonce": (change(nonce=flipped), ["content.digest"]),
    "the leaf's time": (change(leaf=lambda text: text.replace("2026-11-20", "2026-11-21")), ["entry.leaf"]),
    "the leaf's batch": (change(leaf=lambda text: text.replace("0001", "0002")), ["entry.leaf"]),
    "the stated leaf hash": (change(leaf_hash=flipped), ["entry.leaf_hash"]),
    "the entry's number": (change(index=lambda index: index - 1), ["entry.path"]),
    "the entry's number beyond the log": (change(index=lambda index: index + 300), ["entry.path"]),
    "the first step of the path": (in_path(0, "entry"), ["entry.path"]),
    "the last step of the path": (in_path(-1, "entry"), ["entry.path"]),
    "a step left out": (lambda file: file["entries"][0]["path"].pop(), ["entry.path"]),
    "the proof of growth": (in_path(-1, "earlier"), ["earlier.path"]),
    "the checkpoint's size": (at_checkpoint("\n300\n", "\n301\n"), ["checkpoint.signature"]),
    "the checkpoint's name": (at_checkpoint(ORIGIN, "credit.example/lug"), ["checkpoint.origin"]),
    "a root for no entries": (at_checkpoint("\n300\n", "\n0\n"), ["checkpoint.form"]),
    "the checkpoint's form": (at_checkpoint("\n300\n", "\n0300\n"), ["checkpoint.form"]),
    "another signer": (forged, ["checkpoint.unsigned"]),
    "the cosignature": (cosignature_forged, ["cosignature.signature"]),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_whatever_was_changed_in_a_proof_is_named(what):
    tamper, named = TAMPERED[what]
    file = file_of()
    tamper(file)
    assert faults(file) == named


def test_too_few_witnesses_are_named():
    assert faults(file_of(checkpoint=note(300)), policy=POLICY) == ["cosignature.quorum"]


def test_a_checkpoint_that_was_cut_off_is_no_checkpoint():
    file = file_of()
    file["checkpoint"] = file["checkpoint"][:40]
    assert "checkpoint.form" in faults(file)


@pytest.mark.parametrize("field", ["format", "checkpoint", "entries"])
def test_a_file_that_lacks_a_field_is_refused_by_the_name_of_the_field(field):
    file = file_of()
    del file[field]
    with pytest.raises(Unreadable, match=field):
        verify.check(file, [log_key(LOG)])


def test_a_file_that_proves_nothing_is_not_called_sound():
    with pytest.raises(Unreadable, match="entries"):
        verify.check(file_of() | {"entries": []}, [log_key(LOG)])


def test_a_witness_key_is_no_key_of_the_log_even_under_its_name():
    under_its_name = witness.witness_key(ORIGIN, WITNESS)
    text = verify.parse_note(note(300)).text
    file = file_of(checkpoint=f"{text}\n{witness.cosign(text, ORIGIN, WITNESS, 1_790_000_000)}")
    assert faults(file, keys=[under_its_name])[0] == "checkpoint.origin"


def test_withheld_content_is_said_to_be_missing_and_nothing_else():
    made = bundle.proof(
        note=note(300), keys=[], witnesses=[], entries=[Proven(4, BODIES[4], proof.inclusion(4, 300, READ))]
    )
    report = verify.check(json.loads(json.dumps(made)), [log_key(LOG)])
    assert report.faults == []
    assert "content.none" in [line[0] for line in report.notes]


REWRITTEN = [*BODIES[:100], b"something else", *BODIES[101:]]


@pytest.mark.parametrize("old", [64, 128, 200, 256])
def test_evidence_of_a_rewritten_log_convinces_a_stranger(old):
    leaves = [b"something else", *BODIES[1:]]
    read = reader(leaves)
    path = list(proof.consistency(old, 300, read))
    path = path if old & (old - 1) else [proof.root(old, read), *path]
    evidence = bundle.split(first=note(old), second=note(300, leaves), path=path, keys=[])
    assert [line[0] for line in verify.check(evidence, [log_key(LOG)]).held][-1] == "split.shown"
    honest = bundle.split(first=note(old, leaves), second=note(300, leaves), path=path, keys=[])
    assert faults(dict(honest)) == ["split.none"], "a log that only grew cannot be accused"


def test_two_roots_for_one_size_are_evidence_and_one_is_not():
    evidence = bundle.split(first=note(300), second=note(300, REWRITTEN), path=[], keys=[])
    assert faults(dict(evidence)) == []
    assert faults(dict(bundle.split(first=note(300), second=note(300), path=[], keys=[]))) == ["split.none"]
    not_signed = bundle.split(first=note(300), second=note(300, REWRITTEN, OTHER), path=[], keys=[])
    assert faults(dict(not_signed)) == ["checkpoint.unsigned"]


def test_a_policy_counts_witnesses_as_it_says():
    keys = [witness.witness_key(f"w{n}", Ed25519PrivateKey.from_private_bytes(bytes([n]) * 32)).line for n in range(5)]
    text = "\n".join(
        [
            "# two cities of three, and the province",
            *(f"witness X{n} {keys[n]}" for n in range(3)),
            f"\twitness  P {keys[3]} https://province.example/witness ",
            "group cities 2 X0 X1 X2",
            "group both all cities P",
            "quorum both",
            "",
        ]
    )
    policy = parse_policy(text)
    assert policy.satisfied({"X0", "X2", "P"})
    assert not policy.satisfied({"X0", "X1", "X2"})
    assert not policy.satisfied({"X0", "P"})
    assert policy.witnesses["P"][1] == "https://province.example/witness"
    assert parse_policy("quorum none\n").satisfied(set())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no quorum"),
        ("quorum X", "line 1"),
        ("quorum none\nquorum none", "line 2"),
        (f"witness none {witness.witness_key('w', WITNESS).line}", "taken"),
        (f"witness X {log_key(LOG).line}", "another kind"),
        (f"log {log_key(LOG).line}\nlog {log_key(LOG, 'other').line}", "named twice"),
        (f"witness X {witness.witness_key('w', WITNESS).line}\ngroup g 2 X\nquorum g", "line 2"),
        (f"witness X {witness.witness_key('w', WITNESS).line}\ngroup g 1 X\ngroup h 1 X\nquorum g", "line 3"),
        ("log credit.example+00000000+AQ==", "line 1"),
    ],
)
def test_a_policy_with_a_mistake_is_refused_by_line(text, said):
    with pytest.raises(ValueError, match=said):
        parse_policy(text)


def test_published_verifier_keys_are_read():
    """The example key of Go's note package and its key id."""
    line = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
    assert parse_key(line).name == "PeterNeumann"
    with pytest.raises(ValueError, match="hash"):
        parse_key(line.replace("c74f20a3", "c74f20a4"))
    told = (
        "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n\n"
        "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
    )
    assert verify.parse_note(told).signed(parse_key(line)) == 0


def test_the_message_a_witness_signs_is_that_of_the_standard():
    text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    assert verify.cosigned_message(text, 1679315147) == f"cosignature/v1\ntime 1679315147\n{text}".encode()
    assert verify.parse_checkpoint(text).size == 20852163


@pytest.fixture(scope="module")
def empty_place(tmp_path_factory) -> tuple[Path, Path]:
    """A Python without any package but cryptography (and what it needs itself), and the one file copied there."""
    place = tmp_path_factory.mktemp("stranger")
    venv.create(place / "env", with_pip=False, symlinks=True)
    site = next((place / "env").glob("lib/python*/site-packages"))
    import _cffi_backend
    import cffi
    import cryptography

    for package in (Path(cryptography.__file__).parent, Path(cffi.__file__).parent, Path(_cffi_backend.__file__)):
        (site / package.name).symlink_to(package)
    copied = place / "verify.py"
    copied.write_bytes(Path(verify.__file__).read_bytes())
    return place / "env" / "bin" / "python", copied


def run(place: tuple[Path, Path], *arguments: str) -> subprocess.CompletedProcess:
    return subprocess.run([place[0], "-I", place[1], *arguments], capture_output=True, text=True, check=False)


def test_the_one_file_works_where_nothing_but_cryptography_is_installed(empty_place, tmp_path):
    probe = subprocess.run(
        [empty_place[0], "-I", "-c", "import cryptography; import chengxin"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert "No module named 'chengxin'" in probe.stderr, "the place is not as empty as it should be"
    told = tmp_path / "证明.json"
    told.write_text(json.dumps(file_of()), encoding="utf-8")
    held = run(empty_place, str(told), "--key", log_key(LOG).line, "--lang", "zh")
    assert (held.returncode, held.stderr) == (0, "")
    assert "结论：成立" in held.stdout
    assert "条目 257 在日志中" in held.stdout
    file = file_of()
    TAMPERED["the content"][0](file)
    told.write_text(json.dumps(file), encoding="utf-8")
    broken = run(empty_place, str(told), "--key", log_key(LOG).line, "--lang", "en", "--json")
    assert broken.returncode == 1
    assert [fault["id"] for fault in json.loads(broken.stdout)["faults"]] == ["content.digest"]
    told.write_text("{}")
    assert run(empty_place, str(told)).returncode == 2
    assert run(empty_place, str(tmp_path / "missing")).returncode == 2


def test_the_one_file_is_read_by_older_pythons_too():
    ast.parse(Path(verify.__file__).read_text(encoding="utf-8"), feature_version=(3, 9))


def test_it_also_runs_as_a_module_of_the_platform(tmp_path):
    told, rules = tmp_path / "proof.json", tmp_path / "policy"
    told.write_text(json.dumps(file_of()))
    rules.write_text(f"log {log_key(LOG).line}\nquorum none\n")
    command = [sys.executable, "-m", "chengxin.ledger.verify", str(told), "--policy", str(rules), "--lang", "en"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "sound" in done.stdout


if sys.version_info >= (3, 12):  # the package needs it; docs/reference/proofs.md says how to run it beside an older one

    def test_an_independent_verifier_comes_to_the_same_result(tmp_path):
        told = tmp_path / "proof.json"
        keys = [log_key(LOG).line, witness.witness_key("w.example", WITNESS).line]
        command = [sys.executable, Path(__file__).parents[1] / "others" / "aics.py", told, *keys]
        ours_alone = {"the content", "the nonce", "the stated leaf hash"}
        for what, (tamper, _) in ({"nothing": (lambda file: None, [])} | TAMPERED).items():
            file = file_of()
            tamper(file)
            told.write_text(json.dumps(file))
            holds = what in {"nothing", *ours_alone}
            assert (what, subprocess.run(command, check=False).returncode == 0) == (what, holds)
