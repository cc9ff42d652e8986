"""One place to hand real files in: a fresh database per module, a source, and the receipt as a dictionary."""

import gzip
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.real.files import MAPPINGS, real

SOURCE = "119901000000009912"
HandIn = Callable[..., dict]


@pytest.fixture(scope="module")
def hand_in(sqlite_database, tmp_path_factory) -> HandIn:
    """``hand_in(file, item, mapping, …)`` → the receipt as the command line prints it."""
    from chengxin.operations.submit import submit
    from chengxin.storage.models import Source

    Source.objects.create(code=SOURCE, name="澜州市示例局")
    folder = tmp_path_factory.mktemp("real")

    def hand(name: str, item: str, mapping: str | None, **how) -> dict:
        fields = MAPPINGS / f"{mapping}.yaml" if mapping else None
        receipt = submit(path=plain(real(name), folder), item=item, source=SOURCE, mapping=fields, **how)
        told = dict(receipt.to_dict())
        outcomes = ("accepted", "unchanged", "corrected", "quarantined", "unlinked", "refused")
        assert sum(told[outcome] for outcome in outcomes) == told["rows"], "a row has two outcomes, or none"
        return told

    return hand


def plain(path: Path, folder: Path) -> Path:
    """The file, unpacked beside the test's other temporary files where it is compressed."""
    if path.suffix != ".gz":
        return path
    out = folder / path.stem
    if not out.exists():
        with gzip.open(path) as packed, out.open("wb") as unpacked:
            shutil.copyfileobj(packed, unpacked)
    return out


def rows_of(receipt: dict, rule: str) -> list[int]:
    """Numbers of the rows that broke a rule, as the receipt lists them."""
    from chengxin.storage.models import SubmissionRow

    listed = SubmissionRow.objects.filter(submission=receipt["submission"], reasons__contains=f'"{rule}"')
    return sorted(listed.values_list("row", flat=True))
