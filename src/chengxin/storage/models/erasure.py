"""Erasure (依法删除) tables: who proposed and who confirmed that a record's content goes, and which items went."""

from typing import ClassVar

from django.db import models


class Erasure(models.Model):
    """One order to erase a record: proposed by one officer, confirmed or rejected by another.

    It names the record by its number only. ``law`` and ``article`` are ids of the catalogue, ``paper`` the number of the
    order it follows, ``act`` the entry in the log. ``purged_at`` is set once nothing is left in files and free pages of this
    machine; ``left`` lists what only the administrator can do.
    """

    record = models.TextField()
    item = models.TextField()
    law = models.TextField()
    article = models.TextField()
    paper = models.TextField(default="")
    proposed_by = models.TextField()
    proposed_at = models.DateTimeField()
    decided_by = models.TextField(default="")
    decided_at = models.DateTimeField(null=True)
    act = models.BigIntegerField(null=True, unique=True)
    staged = models.JSONField(default=list)
    """Receipt numbers of files that held it and are still to be destroyed."""
    purged_at = models.DateTimeField(null=True)
    left = models.JSONField(default=list)

    class Meta:
        db_table = "erasure"
        constraints: ClassVar = [
            models.CheckConstraint(
                name="erasure_by_two_people",
                condition=~models.Q(decided_by=models.F("proposed_by")) | models.Q(act=None),
            ),
            models.UniqueConstraint(
                name="erasure_proposed_once", fields=["record"], condition=models.Q(decided_at__isnull=True)
            ),
        ]


class ErasedItem(models.Model):
    """An item that was erased: its entry, and the entry of the act that ordered it. Grows only; see the triggers."""

    seq = models.BigIntegerField(primary_key=True)
    act = models.BigIntegerField(db_index=True)

    class Meta:
        db_table = "erased_item"
