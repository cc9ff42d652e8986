"""Witness (见证方) tables: cosignatures collected for our log, and what we know of the logs we watch ourselves."""

from typing import ClassVar

from django.db import models


class Cosignature(models.Model):
    """A cosignature (见证签名): one witness's signature line under one checkpoint of our log."""

    size = models.BigIntegerField()
    root = models.TextField()
    """Of the checkpoint, hex."""
    witness = models.TextField()
    """The verifier key it was checked against, as one line."""
    line = models.TextField()
    signed_at = models.DateTimeField()

    class Meta:
        db_table = "log_cosignature"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["size", "root", "witness"], name="log_cosignature_once")
        ]


class WitnessContact(models.Model):
    """The last answer (最近一次联系) of each witness of our log: what came of it, and the size it stands at."""

    witness = models.TextField(primary_key=True)
    at = models.DateTimeField()
    outcome = models.TextField()
    size = models.BigIntegerField(default=0)
    """Of the last checkpoint it is known to have cosigned."""

    class Meta:
        db_table = "log_witness_contact"


class WatchedLog(models.Model):
    """A log we are a witness of (受见证日志): the one head we stand by. Never goes back, never to a second head."""

    origin = models.TextField(primary_key=True)
    size = models.BigIntegerField()
    root = models.TextField()
    note = models.TextField()
    cosigned_at = models.DateTimeField()

    class Meta:
        db_table = "watched_log"


class SplitView(models.Model):
    """Evidence of a split view (分叉证据): two checkpoints signed by one log that cannot both be of one tree.

    ``proof`` is the file that ``verify.py`` checks by itself.
    """

    origin = models.TextField()
    found_at = models.DateTimeField()
    proof = models.JSONField()
    fingerprint = models.TextField(unique=True)
    """SHA-256 over the two signed texts, hex: the same evidence sent again is kept once."""

    class Meta:
        db_table = "split_view"
