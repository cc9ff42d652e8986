"""Judgement (人工判断) tables: what people said about unlinked rows, and what came of it. Append only, by trigger."""

from typing import ClassVar

from django.db import models

from chengxin.storage.models.submissions import Submission


class Judgement(models.Model):
    """One person's word on one row and one subject; ``revokes`` takes an earlier one back.

    ``name``, ``code`` and ``norm`` (comparison form) are the row's, ``score`` is what the person was shown. Only the
    first three may be blanked later, when content is erased.
    """

    submission = models.ForeignKey(Submission, models.PROTECT, related_name="judgements")
    row = models.BigIntegerField()
    subject = models.TextField()
    verdict = models.TextField()
    reason = models.TextField()
    by = models.TextField()
    at = models.DateTimeField()
    name = models.TextField(default="")
    code = models.TextField(default="")
    norm = models.TextField(default="")
    score = models.FloatField(null=True)
    revokes = models.OneToOneField("self", models.PROTECT, null=True, related_name="revoked_by")

    class Meta:
        db_table = "judgement"
        indexes: ClassVar = [
            models.Index(fields=["submission", "row"], name="judgement_row"),
            models.Index(fields=["norm"], name="judgement_norm"),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                name="judgement_revokes_something",
                condition=models.Q(verdict="revoked", revokes__isnull=False)
                | (~models.Q(verdict="revoked") & models.Q(revokes__isnull=True)),
            )
        ]


class JudgementEffect(models.Model):
    """What came of a judgement (判断的结果), for whoever must hear of it: recipients of the record first of all.

    ``effect``: ``linked`` (the row became, or agrees with, ``record``), ``kept-out`` (it failed a check after all),
    ``ended`` (revoked: the record ended with entry ``seq``), ``restated`` (revoked: the statement before it holds
    again), ``left`` (revoked: the record stands on other statements).
    """

    judgement = models.ForeignKey(Judgement, models.PROTECT, related_name="effects")
    at = models.DateTimeField()
    effect = models.TextField()
    outcome = models.TextField(default="")
    into = models.ForeignKey(Submission, models.PROTECT, null=True, related_name="+")
    record = models.TextField(default="")
    seq = models.BigIntegerField(null=True)

    class Meta:
        db_table = "judgement_effect"
