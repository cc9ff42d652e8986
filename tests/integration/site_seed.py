"""A small invented city, written straight into the tables with a true log, so that the site is tested by itself."""

import os
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
from django.conf import settings
from django.db import connection

from chengxin.kernel import canonical
from chengxin.kernel.periods import add_months, today
from chengxin.ledger.merkle import Tree, leaf_hash
from chengxin.ledger.model import Batch
from chengxin.operations import logkey, publishing
from chengxin.storage import bulk, models, search
from chengxin.subjects import names
from chengxin.subjects.identifiers import uscc_check


def code(first_17: str) -> str:
    return first_17 + uscc_check(first_17)


AUTHORITY = code("11990100000000001")
AUTHORITY_NAME = "澜州市市场监督管理局"
FOOD = code("91990102MA0CX0001")
FOOD_NAME, FOOD_FORMER = "澜州青穗食品有限公司", "澜州青穗副食品有限公司"
GRAIN = code("91990105MA0CX0002")
TRADER = code("92990102MA0CX0003")
TRADER_NAME, OPERATOR = "澜州市东渡区禾香小吃店", "一个不应出现的姓名"
QUIET = code("52990100MA0CX0004")


@dataclass
class City:
    """Record numbers by what they are."""

    open_penalty: str = ""
    corrected: str = ""
    ended: str = ""
    withheld: str = ""
    trader_penalty: str = ""
    licences: list[str] = field(default_factory=list)


class Sower:
    """Collects ledger items, then seals them as batches with a true tree and a signed checkpoint."""

    def __init__(self) -> None:
        self.items: list[bytes] = []

    def item(self, kind: str, subject: str, fields: dict[str, str], **more: object) -> int:
        content = {"act": "state", "kind": kind, "record": more.pop("record", ""), "subject": subject, "fields": fields}
        self.items.append(canonical.encode({**content, **more}))  # type: ignore[dict-item]
        return len(self.items) - 1

    def seal(self, cuts: list[int]) -> None:
        tree, tiles, start = Tree(0, lambda level, number: b""), {}, 0
        for number, end in enumerate([*cuts, len(self.items)], start=1):
            at = datetime(2026, 11, 20, number, 0, tzinfo=UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
            batch = Batch(f"R-20261120-{number:04}", at, AUTHORITY, "00" * 32)
            for seq in range(start, end):
                nonce = os.urandom(16)
                digest = canonical.item_digest(nonce, self.items[seq])
                models.LedgerItem.objects.create(seq=seq, nonce=nonce, content=self.items[seq].decode())
                models.LedgerEntry.objects.create(seq=seq, digest=digest)
                tree.append(leaf_hash(batch.leaf(digest.hex())))
            tiles.update(tree.take_changed())
            models.LedgerBatch.objects.create(
                id=batch.id,
                first_seq=start,
                size=end - start,
                at=at,
                by=AUTHORITY,
                catalogue="00" * 32,
                root=tree.root().hex(),
                checkpoint=logkey.signed(tree.size, tree.root()),
            )
            start = end
        for (level, number), hashes in tiles.items():
            models.LedgerTile.objects.create(level=level, number=number, hashes=hashes)
        publishing.publish()


def seed(licences: int = 12) -> City:
    """The whole city; returns its record numbers."""
    settings.SITE_NAME = "澜州市公共信用信息平台（示例）"
    models.Source.objects.create(code=AUTHORITY, name=AUTHORITY_NAME)
    sower, city = Sower(), City()
    _subject(sower, FOOD, FOOD_NAME, "存续", former=FOOD_FORMER)
    _subject(sower, GRAIN, "澜州青穗粮油贸易有限公司", "注销")
    _subject(sower, TRADER, TRADER_NAME, "存续", kind="sole_trader")
    _subject(sower, QUIET, "澜州市青穗农产品检测中心", "正常", kind="social")
    day = today()
    city.open_penalty = _penalty(sower, FOOD, 1, add_months(day, -4), ends=add_months(day, 8))
    city.ended = _penalty(sower, FOOD, 2, add_months(day, -13), ends=add_months(day, -1))
    city.withheld = _penalty(sower, FOOD, 3, add_months(day, -2), ends=None, withheld="unclassified")
    city.trader_penalty = _penalty(sower, TRADER, 4, add_months(day, -1), ends=add_months(day, 11))
    for number in range(licences):
        city.licences.append(_licence(sower, FOOD, number, day - timedelta(days=30 * number + 1)))
    corrected = len(sower.items)
    city.corrected = _penalty(sower, FOOD, 5, add_months(day, -3), ends=add_months(day, 9))
    latest = sower.item("xzcf", FOOD, _penalty_fields(FOOD, 5, add_months(day, -3), "罚款 15,000 元"))
    models.Record.objects.filter(seq=corrected).update(latest=latest, versions=2)
    models.RecordVersion.objects.create(record=corrected, seq=latest)
    sower.seal([4, latest])
    _index()
    return city


def _index() -> None:
    kinds = dict(models.Subject.objects.values_list("id", "kind"))
    rows = [(n.subject, n.text, kinds[n.subject]) for n in models.SubjectName.objects.order_by("subject", "kind")]
    columns = [pa.array(list(column)) for column in zip(*rows, strict=True)]
    connection.close()
    with bulk.transaction() as store:
        search.add(store, pa.table(columns, names=["subject", "text", "kind"]))


def _subject(
    sower: Sower, id: str, name: str, status: str, *, kind: str = "enterprise", former: str | None = None
) -> None:
    fields = {
        "DJ_MC": name,
        "DJ_DM": id,
        "DJ_ZT": status,
        "DJ_CLRQ": "2016-03-09",
        "DJ_DZ": "澜州市东渡区河堤路 18 号",
        "DJ_JG": AUTHORITY_NAME,
    }
    seq = sower.item("djxx", id, fields)
    models.Subject.objects.create(
        id=id, kind=kind, code=id, name=name, status=status, region="澜州市东渡区", provisional=False, seq=seq
    )
    models.SubjectCode.objects.create(code=id, scheme="uscc", subject=id, state="current")
    for text, sort in ((name, "current"), (former, "former")):
        if text:
            models.SubjectName.objects.create(norm=names.normalise(text), subject=id, kind=sort, text=text)


def _penalty_fields(subject: str, number: int, decided: date, content: str = "罚款 20,000 元") -> dict[str, str]:
    return {
        "CF_XDR_MC": TRADER_NAME if subject == TRADER else FOOD_NAME,
        "CF_XDR_SHXYM": subject,
        "CF_FRDB": OPERATOR if subject == TRADER else "某代表",
        "CF_WSH": f"澜市监处罚〔2026〕{110 + number}号",
        "CF_WFXW": "未按规定公示食品添加剂使用情况",
        "CF_SY": f"{f'当事人{OPERATOR}的' if subject == TRADER else ''}经营场所未在显著位置公示所使用的食品添加剂，责令改正后逾期未改。",
        "CF_YJ": "《澜州市食品安全条例》第四十一条",
        "CF_CFLB": "罚款;警告",
        "CF_NR": content,
        "CF_NR_FK": "2",
        "CF_JDRQ": decided.isoformat(),
        "CF_YXQ": "2099-12-31",
        "CF_CFJG": AUTHORITY_NAME,
        "CF_CFJGDM": AUTHORITY,
        "CF_SJLY": AUTHORITY_NAME,
        "CF_SJLYDM": AUTHORITY,
        "CF_FR_ZJHM": "一个不应出现的号码",
    }


def _penalty(sower: Sower, subject: str, number: int, decided: date, *, ends: date | None, withheld: str = "") -> str:
    id = bytes([number]) * 16
    fields = _penalty_fields(subject, number, decided)
    original = {"CF_WSH": f"澜市监处罚(2026) {110 + number} 号"}
    seq = sower.item("xzcf", subject, fields, record=id.hex(), original=original)
    models.Record.objects.create(
        seq=seq,
        id=id,
        item="xzcf",
        subject=subject,
        source=AUTHORITY,
        authority=AUTHORITY,
        decided_on=decided,
        severity="unclassified" if withheld else "general",
        severity_by="" if withheld else "given",
        starts=None if withheld else decided,
        repairable=None if withheld else add_months(decided, 3),
        ends=ends,
        regime="2026-order36",
        withheld=withheld,
        latest=seq,
        versions=1,
    )
    _known(seq, id, subject, "xzcf", decided, None if withheld else decided, ends)
    return id.hex()


def _licence(sower: Sower, subject: str, number: int, decided: date) -> str:
    id = bytes([0xA0 + number]) * 16
    until = date(2099, 12, 31) if number == 2 else add_months(decided, 36)
    fields = {
        "XK_XDR_MC": FOOD_NAME,
        "XK_XDR_SHXYM": subject,
        "XK_XKWS": ["食品生产许可决定书", "城镇污水排入排水管网许可决定书", "建设工程规划许可证（二期冷库）"][
            number % 3
        ],
        "XK_WSH": f"澜市监许〔2026〕{number + 1}号",
        "XK_XKLB": "普通",
        "XK_NR": "准予许可",
        "XK_JDRQ": decided.isoformat(),
        "XK_YXQZ": decided.isoformat(),
        "XK_YXQZI": until.isoformat(),
        "XK_XKJG": AUTHORITY_NAME,
        "XK_XKJGDM": AUTHORITY,
    }
    seq = sower.item("xzxk", subject, fields, record=id.hex())
    ends = None if until.year == 2099 else until + timedelta(days=1)
    models.Record.objects.create(
        seq=seq,
        id=id,
        item="xzxk",
        subject=subject,
        source=AUTHORITY,
        authority=AUTHORITY,
        decided_on=decided,
        severity="none",
        severity_by="",
        starts=decided,
        repairable=None,
        ends=ends,
        regime="xzxk-validity",
        withheld="",
        latest=seq,
        versions=1,
    )
    _known(seq, id, subject, "xzxk", decided, decided, ends)
    return id.hex()


def _known(seq: int, id: bytes, subject: str, item: str, decided: date, starts: date | None, ends: date | None) -> None:
    models.RecordKey.objects.create(id=id, seq=seq)
    models.RecordSubject.objects.create(subject=subject, item=item, day=(decided - date(1970, 1, 1)).days, seq=seq)
    for day, opening, closing in ((starts, 1, 0), (ends if starts else None, 0, 1)):
        if day is not None:
            count, _ = models.WindowCount.objects.get_or_create(
                item=item, day=day, defaults={"opening": 0, "closing": 0}
            )
            models.WindowCount.objects.filter(item=item, day=day).update(
                opening=count.opening + opening, closing=count.closing + closing
            )
