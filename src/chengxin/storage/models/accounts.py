"""Account (账号) tables: who is known to stand behind an account, and the reminders that were sent to people."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q


class Person(models.Model):
    """Who an account belongs to, as far as it is known (账号持有人). Its e-mail address stands with the account itself.

    ``claim`` is the account name that the identity provider's claim gives this person (``id:…``), empty where it was never
    bound. ``opened_by`` is the officer who opened the account at the counter, empty where its owner did.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.CASCADE, primary_key=True, related_name="person")
    claim = models.TextField(default="")
    opened_by = models.TextField(default="")

    class Meta:
        db_table = "account_person"
        indexes: ClassVar = [models.Index(fields=["claim"], name="account_claim", condition=~Q(claim=""))]


class Reminder(models.Model):
    """A reminder or escalation of a case on its way to one person (到期提醒): once for each event (``number``) and person.

    ``to`` is a user name, empty where nobody with an address was found. ``sent_at`` is None until it was sent; ``problem`` is
    what went wrong last.
    """

    case = models.TextField()
    number = models.IntegerField()
    to = models.TextField()
    made_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    retry_at = models.DateTimeField(null=True)
    problem = models.TextField(default="")

    class Meta:
        db_table = "reminder"
        constraints: ClassVar = [models.UniqueConstraint(fields=["case", "number", "to"], name="reminder_once")]
        indexes: ClassVar = [
            models.Index(fields=["made_at"], name="reminder_waiting", condition=Q(sent_at__isnull=True) & ~Q(to="")),
        ]
