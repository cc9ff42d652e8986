"""Example recipients (示例接收单位): an agency and a bank that received records of the city, and how they kept up.

They receive the records of the stories before anything happens to these; afterwards the agency confirms most of what it
was told, and shows one record that it should have taken off.
"""

from collections.abc import Sequence
from datetime import timedelta

from django.utils import timezone

from chengxin.kernel.periods import today
from chengxin.operations import agency, deliveries, lookup, notifications, recipients
from chengxin.operations.demo_city import DIVISION, NAME, code_of
from chengxin.storage.models import Delivery, Notification, Probe

AGENCY = code_of("91", DIVISION, 80000011)
BANK = code_of("91", DIVISION, 80000012)
NAMES = {AGENCY: f"{NAME}信用服务有限公司", BANK: f"{NAME}农村商业银行股份有限公司"}
DOOR = "record"
LEFT_OPEN = 2
"""Notifications that the agency has not confirmed."""


def receive(records: Sequence[str]) -> None:
    """Both receive these records (hex ids), as far as they are public, once."""
    for code, name in NAMES.items():
        recipient = recipients.register(code=code, name=name, agency=code == AGENCY)
        if Delivery.objects.filter(recipient=recipient).exists():
            continue
        size = deliveries.log_size()
        public = [id for id in records if lookup.record(id, on=today()) is not None]
        deliveries.hand_over(recipient, public, size=size, door=DOOR)


def keep_up(shown: Sequence[str]) -> None:
    """The agency confirms what it was told but the last few, and hands in what it shows of ``shown`` (hex ids)."""
    notifications.make()
    found = recipients.find(AGENCY)
    told = list(Notification.objects.filter(recipient=found).order_by("seq"))
    if Probe.objects.filter(recipient=found).exists():
        return
    for place, each in enumerate(told[: max(0, len(told) - LEFT_OPEN)], 1):
        later = timezone.now() + timedelta(seconds=20 * place)
        notifications.acknowledge(found, [each.seq], by="api", now=later)
    public = [id for id in shown if lookup.record(id, on=today()) is not None]
    gone = [id for id in shown if id not in public][:1]
    agency.check_rows([{"record": id} for id in (*public, *gone)], recipient=found)
