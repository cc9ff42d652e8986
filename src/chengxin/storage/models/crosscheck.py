"""Cross-check (校核) tables: who assigns which codes here, what each run found, and what was done about it."""

from django.db import models

from chengxin.storage.models.submissions import Source


class Assigner(models.Model):
    """An assigning office (赋码单位): ``source`` assigns codes of ``department`` and ``classes`` in divisions that begin
    with ``division``, from ``since`` until before ``until``. A line is ended, never edited."""

    source = models.ForeignKey(Source, models.PROTECT, related_name="assigns")
    department = models.TextField()
    classes = models.TextField()
    """The classes of body as one text of their characters: ``123``."""
    division = models.TextField(default="")
    since = models.DateField()
    until = models.DateField(null=True)
    by = models.TextField()
    at = models.DateTimeField()

    class Meta:
        db_table = "assigner"
        indexes = [models.Index(fields=["department", "division"], name="assigner_by_code")]


class Crosscheck(models.Model):
    """One run (一次校核); ``state`` is asked → running → done or failed. ``rates``: list of figures by assigning office."""

    state = models.TextField(default="asked")
    by = models.TextField(default="")
    asked_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    subjects = models.BigIntegerField(default=0)
    findings = models.JSONField(default=dict)
    rates = models.JSONField(default=list)
    problem = models.TextField(default="")

    class Meta:
        db_table = "crosscheck"
        indexes = [models.Index(fields=["state", "-id"], name="crosscheck_queue")]


class Finding(models.Model):
    """A finding (校核问题): a task of its owner until the evidence is gone or explained."""

    id = models.BigIntegerField(primary_key=True)
    rule = models.TextField()
    key = models.TextField()
    code = models.TextField()
    department = models.TextField()
    owner = models.TextField()
    state = models.TextField()
    detail = models.TextField()
    first_at = models.TextField()
    last_at = models.TextField()

    class Meta:
        managed = False
        db_table = "finding"


class FindingEvent(models.Model):
    """What happened to a finding, in order; the table refuses updates and deletes."""

    pk = models.CompositePrimaryKey("finding", "number")
    finding = models.BigIntegerField()
    number = models.BigIntegerField()
    at = models.TextField()
    by = models.TextField()
    act = models.TextField()
    note = models.TextField()

    class Meta:
        managed = False
        db_table = "finding_event"
