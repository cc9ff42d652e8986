"""Case (办件) tables: cases as lists read them, their events, which only grow, and the files handed in.

``Case`` is what its events make of it (``cases.workflow``); ``CaseEvent`` refuses update and delete in the database.
"""

from typing import ClassVar

from django.db import models
from django.db.models import Q

OPEN = Q(closed_on__isnull=True)
CLOSED = Q(closed_on__isnull=False)


class Case(models.Model):
    """A case. ``body`` is the code of the organisation it is routed to, ``acting`` of the one that has to act now.

    ``acting`` is ``centre`` for the credit centre and empty where the applicant has to act. ``stage`` is ``work``,
    ``second`` (another person has to confirm), ``wait`` (for the applicant) or ``closed``. ``due`` is 9999-12-31 where no
    term runs. ``events`` is their number, by which two people who decide at once are told apart.
    """

    id = models.TextField(primary_key=True)
    kind = models.TextField()
    workflow = models.TextField()
    record = models.TextField()
    subject = models.TextField()
    item = models.TextField()
    name = models.TextField()
    """Name of the organisation concerned when the case began."""
    document = models.TextField()
    """Document number of the record, as the case is spoken of."""
    body = models.TextField()
    state = models.TextField()
    stage = models.TextField()
    acting = models.TextField()
    handler = models.TextField(default="")
    due = models.DateField()
    opened_on = models.DateField()
    closed_on = models.DateField(null=True)
    outcome = models.TextField(default="")
    events = models.IntegerField()
    escalated = models.BooleanField(default=False)
    late = models.BooleanField(default=False)
    """Whether any term of the case was missed so far."""
    used = models.IntegerField(default=0)
    """Working days from its beginning to its last step, the time it waited for the applicant left out."""
    statement = models.TextField(default="")
    """What the applicant wrote when the case began."""

    class Meta:
        db_table = "credit_case"
        # one index for each list of the desk, in the order in which the list is read: a page never sorts
        indexes: ClassVar = [
            models.Index(fields=["due", "id"], name="case_open", condition=OPEN),
            models.Index(fields=["body", "due", "id"], name="case_open_of_body", condition=OPEN),
            models.Index(fields=["acting", "due", "id"], name="case_acting", condition=OPEN),
            models.Index(fields=["acting", "stage", "due", "id"], name="case_acting_stage", condition=OPEN),
            models.Index(fields=["handler", "due", "id"], name="case_handler", condition=OPEN),
            models.Index(fields=["-closed_on", "-id"], name="case_closed", condition=CLOSED),
            models.Index(fields=["body", "-closed_on", "-id"], name="case_closed_of_body", condition=CLOSED),
            models.Index(fields=["record"], name="case_record"),
            models.Index(fields=["subject", "-opened_on"], name="case_subject"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "subject", "record"], condition=OPEN, name="case_open_once"),
        ]


class CaseNumber(models.Model):
    """How many numbers of a day and kind (``XF-20261122``) have been given out."""

    day = models.TextField(primary_key=True)
    last = models.IntegerField()

    class Meta:
        db_table = "case_number"


class CaseEvent(models.Model):
    """A step taken in a case: who, in which role, from which state to which, why; the letter that was written."""

    pk = models.CompositePrimaryKey("case_id", "number")
    case = models.ForeignKey(Case, models.PROTECT, related_name="history", db_index=False)
    number = models.IntegerField()
    step = models.TextField()
    source = models.TextField()
    state = models.TextField()
    at = models.DateTimeField()
    actor = models.TextField()
    role = models.TextField()
    organisation = models.TextField()
    reason = models.TextField(default="")
    ground = models.TextField(default="")
    document = models.TextField(default="")
    """Digest of the paper or number of the document the step rests on."""
    letter = models.JSONField(null=True)
    entry = models.BigIntegerField(null=True)
    """Number of the first entry of the log that the step made, where it did something to records."""

    class Meta:
        db_table = "case_event"


class Attachment(models.Model):
    """A paper of a case. The bytes lie encrypted under their digest (SHA-256, hex); ``scanned`` says by what."""

    case = models.ForeignKey(Case, models.PROTECT, related_name="attachments")
    paper = models.TextField()
    name = models.TextField()
    media_type = models.TextField()
    size = models.BigIntegerField()
    digest = models.TextField()
    scanned = models.TextField()
    at = models.DateTimeField()
    by = models.TextField()

    class Meta:
        db_table = "attachment"
        indexes: ClassVar = [models.Index(fields=["digest"], name="attachment_digest")]
