"""Withdrawal (撤回): a source takes back what it handed in, with reasons that the platform makes public.

One record at a time, at once, from the desk, the command line or the API. A department with many sends a file: rows of
the item that acts on the records (``acts_on`` in the catalogue) go through the door of every submission. Both leave the
same kind of entry, and ``operations.notices`` makes the notice of either.
"""

from collections.abc import Mapping
from datetime import date

from chengxin.catalogue.model import Codelist, Item
from chengxin.kernel.periods import today
from chengxin.kernel.refusal import Refusal
from chengxin.kernel.text import Text
from chengxin.operations import acts, held
from chengxin.operations.acts import Entered
from chengxin.operations.rulebook import catalogue
from chengxin.records.model import Act

ROLES = ("ground", "ground_document", "decided_on", "ground_reason")
"""What a withdrawal says, by role of the field: ground, document, its date, reason."""


def item_of(kind: str) -> Item:
    """The item whose rows withdraw records of ``kind``. Raises Refusal ``withdrawal.no-rule``."""
    for item in catalogue().items.values():
        if item.acts_on == kind and item.act == Act.WITHDRAW:
            return item
    raise Refusal(
        "withdrawal.no-rule",
        Text(f"目录没有规定“{kind}”怎样撤回", f"the catalogue does not say how “{kind}” is withdrawn"),
        basis="本平台规则：目录没有规定的，不办理",
        remedy=Text("内容有误的，请更正后重新报送", "if the content is wrong, correct it and hand it in again"),
    )


def grounds(kind: str) -> Codelist:
    """The grounds on which records of ``kind`` are withdrawn."""
    item = item_of(kind)
    return catalogue().codelists[item.field(item.roles["ground"]).codelist or ""]


def withdraw(
    *, record: str, ground: str, document: str, decided_on: date, reason: str, by: str, officer: str = ""
) -> Entered:
    """Take a record (hex id) back: it is gone when this returns, and its notice stands.

    ``by`` is the code of the source, ``officer`` the person; ``document`` and ``decided_on`` belong to the paper that
    changed or revoked the decision. Raises Refusal: ``record.not-held`` (also for another source's record),
    ``withdrawal.…``, ``act.…``.
    """
    found = held.held(record, scope=by)
    item = item_of(found.item)
    given = {
        "ground": grounds(found.item).canonical(ground.strip()) or "",
        "ground_document": " ".join(document.split()),
        "decided_on": decided_on.isoformat(),
        "ground_reason": " ".join(reason.split()),
    }
    _check(item, given, decided_on)
    fields = {item.roles[role]: value for role, value in given.items()}
    return acts.on_record(Act.WITHDRAW, record, by=by, fields=fields, officer=officer or None)


def _check(item: Item, given: Mapping[str, str], decided_on: date) -> None:
    for role in ROLES:
        field = item.field(item.roles[role])
        where, basis = field.label, "《中华人民共和国行政处罚法》第四十八条"
        if not given[role]:
            raise Refusal(
                f"withdrawal.{role.replace('_', '-')}",
                Text(
                    f"“{field.label.zh}”未填或不在可选范围内", f"“{field.label.en}” is missing or none of those allowed"
                ),
                where=where,
                basis=basis,
                remedy=Text(
                    "请按目录填写；撤回须公开说明理由", "fill it in; a withdrawal states its reasons in public"
                ),
            )
        if field.length and len(given[role]) > field.length:
            raise Refusal(
                "withdrawal.too-long",
                Text(
                    f"“{field.label.zh}”超过 {field.length} 字", f"“{field.label.en}” exceeds {field.length} characters"
                ),
                where=where,
                remedy=Text("请写得简短一些", "shorten it"),
            )
    if decided_on > today():
        raise Refusal(
            "withdrawal.decided-on",
            Text(f"日期 {decided_on} 晚于今天", f"the date {decided_on} lies ahead"),
            where=item.field(item.roles["decided_on"]).label,
            remedy=Text("请填写该文书的日期", "give the date of the document"),
        )
