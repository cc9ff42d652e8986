"""Judged (已判断): what people said about rows and subjects, read back: by row, by name, as a list, as training data."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text
from chengxin.operations import rulebook
from chengxin.operations.export import escape
from chengxin.resolution.judgement import Judgement, Pair, pairs, standing
from chengxin.storage import models
from chengxin.subjects.model import Kind

FORMATS = (".csv", ".ndjson", ".parquet")
COLUMNS = tuple(field.name for field in fields(Pair))


@dataclass(frozen=True)
class Party:
    """Whom a row names, as far as it does: the values it came with."""

    name: str
    code: str
    registration_no: str
    organisation_code: str


def party(item: str, cells: Mapping[str, str]) -> Party:
    """The party a row of an item names, from its cells by field id."""
    about = rulebook.item(item)
    roles = ("name", "code", "registration_no", "organisation_code")
    return Party(*(cells.get(about.role(role) or "", "").strip() for role in roles))


def of_row(submission: str, row: int) -> list[Judgement]:
    """All judgements about one row in the order they were made, those taken back included."""
    return [_value(each) for each in models.Judgement.objects.filter(submission=submission, row=row).order_by("id")]


def of_rows(rows: Sequence[tuple[str, int]]) -> list[Judgement]:
    """The same for several rows (receipt, row)."""
    found = models.Judgement.objects.filter(submission__in={number for number, _ in rows}).order_by("id")
    wanted = set(rows)
    return [_value(each) for each in found if (each.submission_id, each.row) in wanted]


def of_names(norms: Iterable[str]) -> list[Judgement]:
    """Standing judgements about these names (comparison form) in whatever row: what colleagues said before."""
    found = models.Judgement.objects.filter(norm__in=[norm for norm in norms if norm]).order_by("id")
    taken_back = models.Judgement.objects.filter(revokes__in=found)
    return list(standing([_value(each) for each in (*found, *taken_back)]))


def listing(*, source: str | None, before: int | None = None, limit: int = 50) -> list[models.Judgement]:
    """Judgements of one source's rows or of all, newest first, with what came of them; ``before`` a number."""
    found = models.Judgement.objects.select_related("submission", "submission__source", "revokes")
    if source is not None:
        found = found.filter(submission__source=source)
    if before is not None:
        found = found.filter(id__lt=before)
    return list(found.prefetch_related("effects", "revoked_by").order_by("-id")[:limit])


def subject_name(id: str) -> str:
    """The present name of a judged subject, '' when the base has it no longer."""
    return models.Subject.objects.filter(id=id).values_list("name", flat=True).first() or ""


def no_row(submission: str, row: int) -> Refusal:
    """The row does not wait for a subject, or waits no longer."""
    return Refusal(
        "judgement.row",
        Text(f"第 {row} 行不在待确认主体之列", f"row {row} does not wait for a subject"),
        where=Text(submission, submission),
        remedy=Text("它可能已由同事处理，请刷新页面", "a colleague may have decided; reload the page"),
    )


def training() -> tuple[Pair, ...]:
    """All judged pairs as training and test data, without sole traders (个体工商户), whose names are often a person's."""
    made = [_value(each) for each in models.Judgement.objects.order_by("id")]
    wanted = models.Subject.objects.filter(id__in=models.Judgement.objects.values("subject"))
    known = wanted.exclude(kind=Kind.SOLE_TRADER).values_list("id", "name", "code")
    return pairs(made, {id: (name, code) for id, name, code in known})


def write_training(path: Path) -> int:
    """Write the pairs as CSV, NDJSON or Parquet, by the ending of the file's name; returns how many there are.

    Raises Refusal ``judgement.format``.
    """
    found = training()
    path.write_bytes(training_file(found, path.suffix.lower()))
    return len(found)


def training_file(found: Sequence[Pair], form: str) -> bytes:
    """The pairs as the bytes of a file; ``form`` is one of ``FORMATS``. Raises Refusal ``judgement.format``."""
    rows = [asdict(pair) for pair in found]
    if form == ".csv":
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(COLUMNS)
        writer.writerows([escape(value) if isinstance(value, str) else value for value in row.values()] for row in rows)
        return b"\xef\xbb\xbf" + text.getvalue().encode()  # without the mark Excel reads UTF-8 Chinese as GBK
    if form == ".ndjson":
        return b"".join(orjson.dumps(row) + b"\n" for row in rows)
    if form == ".parquet":
        schema = pa.schema([(name, pa.float64() if name == "score" else pa.string()) for name in COLUMNS])
        sink = io.BytesIO()
        pq.write_table(pa.Table.from_pylist(rows, schema=schema), sink)
        return sink.getvalue()
    raise Refusal(
        "judgement.format",
        Text(f"不能写成 {form} 文件", f"a {form} file cannot be written"),
        remedy=Text("文件名请以 .csv、.ndjson 或 .parquet 结尾", "let the name end in .csv, .ndjson or .parquet"),
    )


def _value(each: models.Judgement) -> Judgement:
    return Judgement(
        id=each.id,
        submission=each.submission_id,
        row=each.row,
        subject=each.subject,
        verdict=each.verdict,
        by=each.by,
        at=each.at,
        reason=each.reason,
        name=each.name,
        code=each.code,
        norm=each.norm,
        score=each.score,
        revokes=each.revokes_id,
    )
