"""Recipient (信息接收单位) tables: who receives records, what was delivered to whom, what each was told and confirmed.

``Delivery``, ``Certificate`` and ``Probe`` only grow. None of these tables holds content of a record but ``Certificate``.
"""

from typing import ClassVar

from django.db import models


class Recipient(models.Model):
    """An organisation with a key. ``webhook`` and ``email`` are empty where it only asks; ``agency`` is whether it shows
    records to others (信用服务机构) and is therefore scored in public.

    ``failures`` counts webhook attempts that failed since the last that did not, ``retry_at`` is when to try again.
    """

    code = models.TextField(unique=True)
    name = models.TextField()
    agency = models.BooleanField(default=False)
    webhook = models.TextField(default="")
    email = models.TextField(default="")
    failures = models.IntegerField(default=0)
    retry_at = models.DateTimeField(null=True)
    problem = models.TextField(default="")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "recipient"


class RecipientKey(models.Model):
    """A key (接收密钥) of a recipient; ``digest`` is the SHA-256 in hex, the key itself is shown once."""

    digest = models.TextField(unique=True)
    hint = models.TextField()
    recipient = models.ForeignKey(Recipient, models.PROTECT, related_name="keys")
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "recipient_key"


class Delivery(models.Model):
    """One record handed to one recipient (交付): ``record`` is the number of its first entry, ``version`` of the entry
    whose content was handed over, ``size`` of the log at that moment: an act with that number or a higher one is news.

    ``purpose`` and ``consent`` are empty until purposes and consents are asked for.
    """

    recipient = models.ForeignKey(Recipient, models.PROTECT, db_index=False)
    record = models.BigIntegerField()
    version = models.BigIntegerField()
    size = models.BigIntegerField()
    at = models.DateTimeField()
    door = models.TextField()
    purpose = models.TextField(default="")
    consent = models.TextField(default="")

    class Meta:
        db_table = "delivery"
        indexes: ClassVar = [models.Index(fields=["record", "recipient"], name="delivery_record")]


class WithdrawalKey(models.Model):
    """The withdrawal key (撤回键) of a record that was delivered: kept, because an erasure destroys what it came from."""

    record = models.BigIntegerField(primary_key=True)
    key = models.BinaryField()
    source = models.TextField()

    class Meta:
        db_table = "withdrawal_key"


class Notification(models.Model):
    """What one recipient is told about one record it received (通知): ``seq`` is the entry it is about, ``act`` what that
    did (``correct`` for changed content). ``told_at`` is when it first reached it, by ``channel``."""

    recipient = models.ForeignKey(Recipient, models.PROTECT, db_index=False)
    seq = models.BigIntegerField()
    record = models.BigIntegerField()
    act = models.TextField()
    made_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True)
    channel = models.TextField(default="")
    acknowledged_at = models.DateTimeField(null=True)
    acknowledged_by = models.TextField(default="")

    class Meta:
        db_table = "notification"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["recipient", "seq"], name="notification_once"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["record"], name="notification_record"),
            models.Index(
                fields=["recipient", "seq"], name="notification_open", condition=models.Q(acknowledged_at__isnull=True)
            ),
            models.Index(
                fields=["recipient", "seq"], name="notification_untold", condition=models.Q(told_at__isnull=True)
            ),
        ]


class NotifiedUpTo(models.Model):
    """How far in the log recipients have been notified: every entry below ``seq``. One row."""

    seq = models.BigIntegerField()

    class Meta:
        db_table = "notified_up_to"


class Certificate(models.Model):
    """A repair certificate (修复证明) as issued: ``body`` is the signed text, ``seq`` the entry that holds its digest."""

    seq = models.BigIntegerField(primary_key=True)
    record = models.TextField()
    body = models.TextField()
    note = models.TextField()
    at = models.DateTimeField()

    class Meta:
        db_table = "certificate"
        indexes: ClassVar = [models.Index(fields=["record", "-seq"], name="certificate_record")]


class Probe(models.Model):
    """What an agency showed on a day (核查): its own list or one recorded by the centre; ``digest`` of the file, SHA-256.

    ``kind`` is ``list`` (handed in by the agency) or ``probe`` (recorded by the credit centre).
    """

    recipient = models.ForeignKey(Recipient, models.PROTECT)
    at = models.DateTimeField()
    kind = models.TextField()
    digest = models.TextField()
    shown = models.BigIntegerField()
    gone = models.BigIntegerField()
    different = models.BigIntegerField()

    class Meta:
        db_table = "probe"
