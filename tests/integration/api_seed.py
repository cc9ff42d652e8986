"""A few invented rows, written straight into the tables, so that the API is tested by itself."""

import os
from datetime import date, timedelta

from chengxin.kernel import canonical
from chengxin.kernel.periods import today
from chengxin.operations import publishing
from chengxin.storage import models
from chengxin.subjects.identifiers import uscc_check

SOURCE = "11990100000000001" + uscc_check("11990100000000001")
OTHER = "11990100000000002" + uscc_check("11990100000000002")
ORGANISATION = "91990100MA0000001" + uscc_check("91990100MA0000001")
TRADER = "92990100MA0000002" + uscc_check("92990100MA0000002")
NAME = "澜州市青禾机电有限公司"
FORMER = "澜州青禾机械厂"


def seed(records: int = 5) -> list[str]:
    """One enterprise with ``records`` public penalties and one that ended yesterday; returns their record ids in the
    order the API must give them (newest first), the ended one last."""
    models.Source.objects.create(code=SOURCE, name="澜州市示例局")
    models.Source.objects.create(code=OTHER, name="澜州市另一局")
    total = records + 2
    _batch(total)
    _item(0, "djxx", ORGANISATION, {"DJ_MC": NAME, "DJ_DM": ORGANISATION, "DJ_JG": "澜州市示例登记局"})
    models.Subject.objects.create(
        id=ORGANISATION,
        kind="enterprise",
        code=ORGANISATION,
        name=NAME,
        status="存续",
        region="澜州市",
        provisional=False,
        seq=0,
    )
    models.SubjectCode.objects.create(code=ORGANISATION, scheme="uscc", subject=ORGANISATION, state="current")
    models.SubjectCode.objects.create(
        code="990100000000015", scheme="registration", subject=ORGANISATION, state="legacy"
    )
    for text, kind in ((NAME, "current"), (FORMER, "former")):
        models.SubjectName.objects.create(norm=text, subject=ORGANISATION, kind=kind, text=text)
    ids = [_penalty(seq, today() - timedelta(days=10 * seq), None) for seq in range(1, records + 1)]
    ids.append(_penalty(records + 1, today() - timedelta(days=400), today()))
    return ids


def _batch(size: int) -> None:
    models.LedgerBatch.objects.create(
        id="R-20261101-0001",
        first_seq=0,
        size=size,
        at="2026-11-01T01:02:03Z",
        by=SOURCE,
        catalogue="00" * 32,
        root="ab" * 32,
        checkpoint=f"chengxin.local/log\n{size}\nq6urq6urq6urq6urq6urq6urq6urq6urq6urq6urq6s=\n\n— chengxin.local/log AAAA\n",
    )
    publishing.publish()


def _item(seq: int, item: str, record: str, fields: dict[str, str]) -> None:
    content = canonical.encode(
        {"act": "state", "kind": item, "record": record, "subject": ORGANISATION, "fields": fields}
    )
    nonce = os.urandom(16)
    models.LedgerItem.objects.create(seq=seq, nonce=nonce, content=content.decode())
    models.LedgerEntry.objects.create(seq=seq, digest=canonical.item_digest(nonce, content))


def _penalty(seq: int, decided: date, ends: date | None) -> str:
    id = bytes([seq]) * 16
    fields = {
        "CF_XDR_MC": NAME,
        "CF_XDR_SHXYM": ORGANISATION,
        "CF_WSH": f"澜示罚〔2026〕{seq}号",
        "CF_JDRQ": decided.isoformat(),
        "CF_CFLB": "罚款",
        "CF_NR": "罚款人民币壹万元整",
        "CF_NR_FK": "1",
        "CF_CFJG": "澜州市示例局",
        "CF_CFJGDM": SOURCE,
        "CF_FR_ZJHM": "一个不应出现的号码",
    }
    _item(seq, "xzcf", id.hex(), fields)
    models.Record.objects.create(
        seq=seq,
        id=id,
        item="xzcf",
        subject=ORGANISATION,
        source=SOURCE,
        authority=SOURCE,
        decided_on=decided,
        severity="general",
        severity_by="given",
        starts=decided,
        repairable=decided + timedelta(days=90),
        ends=ends or decided + timedelta(days=365),
        regime="2026-order36",
        withheld="",
        latest=seq,
        versions=1,
    )
    models.RecordKey.objects.create(id=id, seq=seq)
    models.RecordSubject.objects.create(
        subject=ORGANISATION, item="xzcf", day=(decided - date(1970, 1, 1)).days, seq=seq
    )
    return id.hex()
