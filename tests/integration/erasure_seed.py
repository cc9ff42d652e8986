"""A small city in which a record can be erased: sources, officers, a file that was uploaded, set aside, mended, exported."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from django.conf import settings
from django.db import connection, connections
from tests.integration.desk_seed import PASSWORD
from tests.integration.paper import AUTHORITY, SOURCE, SOURCE_NAME, penalty, uscc, write_csv

from chengxin.kernel.periods import add_months, today
from chengxin.operations import accounts, erasure, uploads, worker
from chengxin.operations.submit import submit
from chengxin.storage.models import Record, Submission

CENTRE = uscc(9, "12990100")
BASIS = "geren-xinxi-baohu-fa/47"
TOLD = {
    "facts": "向东渡河排放未经处理的印染废水十二吨",
    "name": "澜州鹤汀印染有限公司",
    "number": "澜环罚〔2026〕4711号",
}
"""What must be found nowhere once the record is erased."""
SUBJECT = uscc(4711)


def people() -> None:
    accounts.register_source(code=SOURCE, name=SOURCE_NAME, may_introduce=True)
    accounts.register_source(code=CENTRE, name="澜州市信用中心")
    for name, source, role in (
        ("first", CENTRE, accounts.OFFICER),
        ("second", CENTRE, accounts.OFFICER),
        ("clerk", SOURCE, accounts.CLERK),
    ):
        accounts.create_user(name=name, password=PASSWORD, source=source, role=role)


def to_be_erased(**changed: str) -> dict[str, str]:
    """A penalty of a subject that only this record knows; public today."""
    decided = add_months(today(), -2).isoformat()
    told = {"CF_SY": TOLD["facts"], "CF_XDR_MC": TOLD["name"], "CF_XDR_SHXYM": SUBJECT, "CF_WSH": TOLD["number"]}
    return penalty(1, **{"CF_JDRQ": decided, **told, **changed})


def others(count: int = 3) -> list[dict[str, str]]:
    decided = add_months(today(), -1).isoformat()
    return [
        penalty(n, CF_XDR_SHXYM=uscc(600 + n), CF_XDR_MC=f"澜州留存{n}有限公司", CF_JDRQ=decided) for n in range(count)
    ]


def hand_in(rows: list[Mapping[str, str]], folder: Path, name: str = "甲.csv", **more: object) -> str:
    """Hand a file in on the command line; returns its receipt number."""
    receipt = submit(path=write_csv(folder / name, rows), item="xzcf", source=SOURCE, introduce=True, **more)  # type: ignore[arg-type]
    return receipt.submission


def upload(rows: list[Mapping[str, str]], folder: Path, name: str = "乙.csv") -> Submission:
    """Hand a file in through the web's door, and let the worker run it; the encrypted file stays."""
    path = write_csv(folder / name, rows)
    stored = uploads.store([path.read_bytes()])
    path.unlink()
    number = uploads.receive(stored=stored, file_name=name, item="xzcf", source=SOURCE, introduce=True).id
    worker.run_all()
    return Submission.objects.get(id=number)


def number_of(subject: str = SUBJECT) -> str:
    """The record's number (hex) of the only record of a subject."""
    return bytes(Record.objects.get(subject=subject).id).hex()


def erase(record: str) -> None:
    """Two officers erase a record, and everything is purged."""
    basis = erasure.basis_of(BASIS)
    erasure.propose(record=record, basis=basis, paper="澜信删〔2026〕1号", by="first")
    erasure.confirm(record=record, basis=basis, by="second")
    erasure.finish()


def raw_bytes(vendor: str, home: Path, *, logs: bool) -> Iterator[tuple[str, bytes]]:
    """Every file of the installation and of its database, as it lies on the disk: name and bytes.

    ``logs``: PostgreSQL's write-ahead log too, which belongs to the whole server.
    """
    connections.close_all()
    for path in home.rglob("*"):
        if path.is_file():
            yield str(path.relative_to(home)), path.read_bytes()
    if vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT oid FROM pg_database WHERE datname = current_database()")
            folders = [f"base/{cursor.fetchone()[0]}", *(["pg_wal"] if logs else [])]
            cursor.execute("CHECKPOINT")
            for folder in folders:
                cursor.execute("SELECT name FROM pg_ls_dir(%s) AS name", [folder])
                for (name,) in cursor.fetchall():
                    cursor.execute("SELECT isdir FROM pg_stat_file(%s, true)", [f"{folder}/{name}"])
                    if cursor.fetchone() == (False,):
                        cursor.execute("SELECT pg_read_binary_file(%s, 0, 1 << 28, true)", [f"{folder}/{name}"])
                        yield f"{folder}/{name}", bytes(cursor.fetchone()[0] or b"")


def found_in(vendor: str, home: Path, needles: Mapping[str, bytes], *, logs: bool = False) -> set[tuple[str, str]]:
    """(file, needle) for every file of the installation that holds one of these pieces."""
    return {
        (name, which)
        for name, held in raw_bytes(vendor, home, logs=logs)
        for which, needle in needles.items()
        if needle in held
    }


def needles(texts: Mapping[str, str]) -> dict[str, bytes]:
    """The texts in every encoding in which a file may have brought them or a program may have kept them."""
    encodings = ("utf-8", "gb18030", "utf-16-le", "utf-16-be")
    return {f"{name} in {encoding}": text.encode(encoding) for name, text in texts.items() for encoding in encodings}


assert settings.UPLOAD_DAYS > 0, "an upload has to be there before it can be destroyed"
assert AUTHORITY == SOURCE
