"""A stranger who has kept everything the site ever said cannot follow an ended record through the log.

What has ended, for whatever reason, and what never was answer alike at every address; and no leaf of the log can be told to
be about a record, even by somebody who knows the record by heart.
"""

import base64
import hashlib
import itertools
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from tests.databases import Place
from tests.integration import desk_seed
from tests.integration import erasure_seed as seed
from tests.integration.paper import penalty, uscc

from chengxin.kernel.canonical import encode
from chengxin.kernel.periods import add_months, today
from chengxin.operations import acts
from chengxin.records.model import Act
from chengxin.storage import models

NEVER = "5e" * 16
UNKNOWN_SUBJECT = uscc(77777)
VARYING = re.compile(r"(?i)^(x-)?ratelimit")
"""Headers that count the caller's questions, whatever they are about."""

ENDED = ("window", "erased", "repaired", "withdrawn", "taken-down", "suspended", "unlinked")


@dataclass
class City:
    records: dict[str, str] = field(default_factory=dict)
    subjects: dict[str, str] = field(default_factory=dict)
    nonces: dict[str, bytes] = field(default_factory=dict)
    before: dict[str, bytes] = field(default_factory=dict)
    size_before: int = 0


@pytest.fixture(scope="module")
def city(sqlite_database: Place, tmp_path_factory: pytest.TempPathFactory) -> Iterator[City]:
    """One record for each way to end, each of a subject of its own; the stranger looks before and after."""
    folder = tmp_path_factory.mktemp("files")
    made = City()
    with desk_seed.quick_passwords():
        seed.people()
        recent, old = add_months(today(), -4), date(2022, 1, 10)
        rows = []
        for place, way in enumerate((*ENDED, "stays")):
            made.subjects[way] = uscc(900 + place)
            rows.append(
                penalty(
                    900 + place,
                    CF_XDR_SHXYM=made.subjects[way],
                    CF_XDR_MC=f"澜州追踪{'甲乙丙丁戊己庚辛'[place]}有限公司",
                    CF_JDRQ=(old if way == "window" else recent).isoformat(),
                )
            )
        seed.hand_in(rows, folder)
        for way, subject in made.subjects.items():
            found = models.Record.objects.get(subject=subject)
            made.records[way] = bytes(found.id).hex()
            # given out by a proof wherever all fields are public: the stranger kept it
            made.nonces[way] = bytes(models.LedgerItem.objects.get(seq=found.seq).nonce)
        made.before = everything_public(made)
        made.size_before = size_of_log()
        for way, act in (
            ("repaired", Act.REPAIR),
            ("withdrawn", Act.WITHDRAW),
            ("taken-down", Act.TAKE_DOWN),
            ("suspended", Act.SUSPEND),
            ("unlinked", Act.UNLINK),
        ):
            acts.on_record(act, made.records[way], by=seed.CENTRE, reason="示例")
        seed.erase(made.records["erased"])
        yield made


def addresses(pattern: URLPattern | URLResolver | None = None, before: str = "") -> Iterator[str]:
    """Every address of the whole site as its pattern, apart from the desk, which strangers cannot enter."""
    for each in (pattern or get_resolver()).url_patterns:  # type: ignore[union-attr]
        path = before + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from addresses(each, path)
        elif not path.startswith("desk/"):
            yield path


def of_record(record: str) -> list[str]:
    """Every address that takes a record's number, in both languages, and the forms that one can be typed into."""
    paths = [
        re.sub(r"<(record:)?id>", record, path) for path in addresses() if re.search(r"records?/<(record:)?id>", path)
    ]
    pages = [path for path in paths if not path.startswith("api/")]
    return [f"/{path}" for path in (*paths, *(f"en/{page}" for page in pages))] + [
        f"/verify?number={record}",
        f"/en/verify?number={record}",
        f"/search?q={record}",
        f"/api/v1/search?q={record}",
    ]


def of_subject(code: str) -> list[str]:
    paths = [
        re.sub(r"<(str:)?code>", code, path).replace("<slug:item>", "xzcf")
        for path in addresses()
        if re.search(r"subjects?/<(str:)?code>", path)
    ]
    return [f"/{path}" for path in paths] + [
        f"/search?q={code}",
        f"/search/suggest?q={code}",
        f"/api/v1/search?q={code}",
    ]


def answer(path: str, **replaced: str) -> tuple[int, Mapping[str, str], bytes]:
    """Status, headers and body, with what was asked for taken out: nothing else may differ."""
    cache.clear()
    response = Client().get(path)
    body = b"".join(response.streaming_content) if response.streaming else response.content  # type: ignore[arg-type]
    headers = {name: value for name, value in response.headers.items() if not VARYING.match(name)}
    for which, text in replaced.items():
        for form in (text.encode(), text.upper().encode()):
            if form in body:
                headers.pop("ETag", None)  # a digest of the body, which repeats what was asked
                body = body.replace(form, which.encode())
        headers = {name: value.replace(text, which) for name, value in headers.items()}
    return response.status_code, headers, body


def everything_public(city: City) -> dict[str, bytes]:
    """What a stranger can fetch without knowing anything but the numbers the site itself gave out."""
    known = [*city.records.values()]
    paths = list(
        itertools.chain(*(of_record(each) for each in known), *(of_subject(each) for each in city.subjects.values()))
    )
    paths += ["/", "/data", "/log", "/quality", "/log/checkpoint", "/api/v1/checkpoint", *log_addresses()]
    paths += [f"/data/xzcf.{form}" for form in ("csv", "ndjson", "parquet")]
    paths += [f"/{path}" for path in addresses() if re.fullmatch(r"[a-z/-]+", path) and "witness" not in path]
    return {path: answer(path)[2] for path in dict.fromkeys(paths)}


def size_of_log() -> int:
    return int(answer("/log/checkpoint")[2].split(b"\n")[1])


def log_addresses() -> list[str]:
    """Addresses of all entry bundles and leaf tiles, as a stock client makes them of the checkpoint."""
    size = size_of_log()
    full = [f"{n:03}" for n in range(size // 256)] + ([f"{size // 256:03}.p/{size % 256}"] if size % 256 else [])
    return [f"/log/tile/{level}/{name}" for level in ("entries", "0") for name in full]


def leaves() -> list[bytes]:
    found = []
    for path in log_addresses():
        if "/entries/" in path:
            body = answer(path)[2]
            while body:
                length = int.from_bytes(body[:2], "big")
                found.append(body[2 : 2 + length])
                body = body[2 + length :]
    return found


@pytest.mark.parametrize("way", ENDED)
def test_an_ended_record_and_one_that_never_was_answer_alike(city: City, way: str) -> None:
    for ended, never in zip(of_record(city.records[way]), of_record(NEVER), strict=True):
        assert answer(ended, RECORD=city.records[way]) == answer(never, RECORD=NEVER), ended


def test_the_addresses_that_take_a_record_are_all_asked(city: City) -> None:
    asked = of_record(city.records["stays"])
    assert {f"/record/{city.records['stays']}", f"/api/v1/records/{city.records['stays']}"} <= set(asked)
    assert len(asked) >= 8
    assert answer(asked[0])[0] == 200


def test_a_subject_known_from_an_erased_record_only_is_unknown(city: City) -> None:
    """A provisional subject went with the record that introduced it."""
    code = city.subjects["erased"]
    for gone, never in zip(of_subject(code), of_subject(UNKNOWN_SUBJECT), strict=True):
        assert answer(gone, CODE=code) == answer(never, CODE=UNKNOWN_SUBJECT), gone


def test_nothing_public_says_the_number_of_an_ended_record(city: City) -> None:
    after = everything_public(city)
    for way in ENDED:
        record = city.records[way]
        forms = {record.encode(), base64.b64encode(bytes.fromhex(record)), bytes.fromhex(record)}
        for path, body in after.items():
            if record not in path:
                assert not any(form in body for form in forms), (way, path)
    assert any(
        city.records["stays"].encode() in body for path, body in after.items() if city.records["stays"] not in path
    )


def test_a_leaf_says_who_when_under_which_catalogue_and_nothing_else(city: City) -> None:
    for leaf in leaves():
        told = json.loads(leaf)
        assert set(told) == {"v", "at", "by", "batch", "catalogue", "item"}
        assert re.fullmatch(r"[0-9a-f]{64}", told["item"])
        assert re.fullmatch(r"R-\d{8}-\d{4,}", told["batch"])


def test_whoever_knows_a_record_by_heart_cannot_find_the_acts_on_it(city: City) -> None:
    """The stranger kept content, nonce and place of every public record, and guesses what an act on it would say."""
    new = leaves()[city.size_before :]
    digests = {json.loads(leaf)["item"] for leaf in new}
    assert len(new) == len(ENDED) - 1, "one entry for each act"
    guesses = set()
    for way, record in city.records.items():
        nonces = [b"", b"\x00" * 16, city.nonces[way]]
        for act, by in itertools.product(Act, ("", seed.CENTRE, seed.SOURCE)):
            said = {"act": act.value, "kind": "xzcf", "record": record, "reason": "示例"}
            for content in (said, said | {"subject": city.subjects[way]}, said | {"by": by}):
                guesses |= {hashlib.sha256(nonce + encode(content)).hexdigest() for nonce in nonces}
    assert not digests & guesses


def test_the_way_an_act_was_entered_does_not_tell_which_record_it_ended(city: City) -> None:
    """All acts by one organisation look the same but for time, number and random digest."""
    told = [json.loads(leaf) for leaf in leaves()[city.size_before :]]
    same = [{key: each[key] for key in ("v", "by", "catalogue")} for each in told]
    assert all(each == same[0] for each in same)
    assert len({len(json.dumps(each)) for each in told}) == 1


def test_old_proofs_hold_and_old_tiles_never_change(city: City) -> None:
    """Ending a record adds to the log; what was served of it before is served again, byte for byte."""
    for path, body in city.before.items():
        if path.startswith("/log/tile/"):
            assert answer(path)[2] == body, path
