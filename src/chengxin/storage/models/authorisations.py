"""Authorisation (授权) table: who acts for an organisation, for what, how long, and who checked it."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q


class Authorisation(models.Model):
    """That a user acts for a subject. Asked, decided and ended are each written once; the database refuses more.

    ``way`` is ``letter`` (checked at the desk) or ``identity`` (claimed by the identity provider). ``scope`` are words of
    ``operations.authorisations.SCOPES``, separated by blanks. ``until`` is the last day on which it holds. ``granted`` is
    None while nobody has decided. The letter lies encrypted under its digest.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="authorisations")
    subject = models.TextField()
    person = models.TextField()
    scope = models.TextField()
    way = models.TextField()
    until = models.DateField()
    asked_at = models.DateTimeField()
    letter = models.TextField(default="")
    media_type = models.TextField(default="")
    scanned = models.TextField(default="")
    granted = models.BooleanField(null=True)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.TextField(default="")
    reason = models.TextField(default="")
    ended_at = models.DateTimeField(null=True)
    ended_by = models.TextField(default="")
    end_reason = models.TextField(default="")

    class Meta:
        db_table = "authorisation"
        indexes: ClassVar = [
            models.Index(fields=["subject", "-asked_at"], name="authorisation_subject"),
            models.Index(fields=["asked_at"], name="authorisation_waiting", condition=Q(granted__isnull=True)),
        ]
