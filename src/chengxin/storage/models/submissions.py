"""Submission (报送) tables: sources, submissions with their receipt, rows that need a person, mends."""

from django.conf import settings
from django.db import models


class Source(models.Model):
    """A source (报送单位): an organisation that may submit."""

    code = models.TextField(primary_key=True)
    name = models.TextField()
    may_introduce = models.BooleanField(default=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        db_table = "source"


class Membership(models.Model):
    """Which source a user of the desk works for, and as what (``clerk`` 报送员, ``officer`` 信用中心人员)."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, related_name="membership")
    source = models.ForeignKey(Source, models.PROTECT)
    role = models.TextField(default="clerk")

    class Meta:
        db_table = "membership"


class ReceiptNumber(models.Model):
    """A number (编号) that a submission or another batch has taken; one series, so that a batch's tells nothing."""

    id = models.TextField(primary_key=True)

    class Meta:
        managed = False
        db_table = "receipt_number"


class Submission(models.Model):
    """One file handed in, and its receipt (回执). The row is also the queue: ``state`` received → running → done.

    ``state`` is ``received``, ``running``, ``done``, ``refused`` (the whole file, see ``problem``) or ``failed``.
    ``attempts`` counts how often the worker began with it.
    """

    id = models.TextField(primary_key=True)
    state = models.TextField(default="received")
    item = models.TextField()
    source = models.ForeignKey(Source, models.PROTECT)
    by = models.TextField(default="")
    parent = models.ForeignKey("self", models.PROTECT, null=True)
    file_name = models.TextField()
    file_digest = models.TextField(default="")
    file_size = models.BigIntegerField(default=0)
    mapping = models.TextField(default="")
    sheet = models.TextField(default="")
    introduce = models.BooleanField(default=False)
    upload = models.TextField(default="")
    attempts = models.BigIntegerField(default=0)
    received_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    rows = models.BigIntegerField(default=0)
    accepted = models.BigIntegerField(default=0)
    unchanged = models.BigIntegerField(default=0)
    corrected = models.BigIntegerField(default=0)
    quarantined = models.BigIntegerField(default=0)
    unlinked = models.BigIntegerField(default=0)
    refused = models.BigIntegerField(default=0)
    warnings = models.BigIntegerField(default=0)
    reasons = models.JSONField(default=dict)
    normalised = models.JSONField(default=dict)
    reading = models.JSONField(default=dict)
    """How the file was read: format, encoding, delimiter, sheet, header row, layout, columns not used."""
    quality = models.JSONField(default=dict)
    """Numbers for the source's figures: rows on time, timed, complete …"""
    problem = models.JSONField(null=True)
    catalogue = models.TextField(default="")
    batch = models.TextField(default="")
    tree_size = models.BigIntegerField(null=True)
    root = models.TextField(default="")

    class Meta:
        db_table = "submission"
        indexes = [
            models.Index(fields=["source", "-received_at"], name="submission_by_source"),
            models.Index(fields=["state", "received_at"], name="submission_queue"),
        ]


class SubmissionRow(models.Model):
    """A row that was not simply stored, or was stored with a warning; ``cells`` are as sent."""

    pk = models.CompositePrimaryKey("submission", "row")
    submission = models.TextField()
    row = models.BigIntegerField()
    outcome = models.TextField()
    reasons = models.TextField()
    cells = models.TextField(null=True)

    class Meta:
        managed = False
        db_table = "submission_row"


class Mend(models.Model):
    """A mended row (更正): who changed which cells from what to what, and what became of the row."""

    submission = models.ForeignKey(Submission, models.PROTECT, related_name="mends")
    row = models.BigIntegerField()
    at = models.DateTimeField(auto_now_add=True)
    by = models.TextField()
    before = models.JSONField()
    after = models.JSONField()
    outcome = models.TextField()
    into = models.ForeignKey(Submission, models.PROTECT, related_name="mended_from")

    class Meta:
        db_table = "mend"
        indexes = [models.Index(fields=["submission", "row"], name="mend_row")]
