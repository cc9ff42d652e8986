"""Record (信用记录) tables: the projection of the ledger that pages and answers read. Can be rebuilt."""

from django.db import models


class Record(models.Model):
    """The current state of one record; its content lies in the ledger item ``latest``."""

    seq = models.BigIntegerField(primary_key=True)
    id = models.BinaryField()
    item = models.TextField()
    subject = models.TextField()
    source = models.TextField()
    authority = models.TextField()
    decided_on = models.DateField(null=True)
    severity = models.TextField()
    severity_by = models.TextField()
    starts = models.DateField(null=True)
    repairable = models.DateField(null=True)
    ends = models.DateField(null=True)
    regime = models.TextField()
    withheld = models.TextField()
    latest = models.BigIntegerField()
    versions = models.IntegerField()
    marks = models.BigIntegerField(default=0)
    """What acts have left on it, see ``records.fold.Mark``."""

    class Meta:
        managed = False
        db_table = "record"


class RecordAct(models.Model):
    """An act (行为) on a record, by the number of its entry; what it says lies in the ledger item of that number."""

    pk = models.CompositePrimaryKey("record", "seq")
    record = models.BigIntegerField()
    seq = models.BigIntegerField()
    act = models.TextField()
    day = models.DateField()

    class Meta:
        managed = False
        db_table = "record_act"


class RecordKey(models.Model):
    """Record id → number of its first entry; unique, so one key is one record."""

    id = models.BinaryField(primary_key=True)
    seq = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "record_key"


class RecordSubject(models.Model):
    """Subject → its records, by item and day of decision."""

    pk = models.CompositePrimaryKey("subject", "item", "day", "seq")
    subject = models.TextField()
    item = models.TextField()
    day = models.IntegerField()
    seq = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "record_subject"


class RecordVersion(models.Model):
    """Corrections of a record: entry numbers after the first."""

    pk = models.CompositePrimaryKey("record", "seq")
    record = models.BigIntegerField()
    seq = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "record_version"


class WindowCount(models.Model):
    """How many publication windows of an item open and close on a day."""

    pk = models.CompositePrimaryKey("item", "day")
    item = models.TextField()
    day = models.DateField()
    opening = models.BigIntegerField()
    closing = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "window_count"
