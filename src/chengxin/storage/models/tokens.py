"""API token (接口令牌) table: what a source's system shows to hand in files. Only a digest is kept."""

from typing import ClassVar

from django.db import models

from chengxin.storage.models.submissions import Source


class ApiToken(models.Model):
    """One token of one source. ``digest`` is the SHA-256 of the token, in hex; the token itself is shown once.

    The token carries 256 random bits, so a plain digest cannot be guessed back and needs no slow hash.
    """

    digest = models.TextField(unique=True)
    hint = models.TextField()
    """The first characters of the token, enough to tell two apart in a list."""
    source = models.ForeignKey(Source, models.PROTECT, related_name="tokens")
    label = models.TextField()
    issued_at = models.DateTimeField()
    issued_by = models.TextField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.TextField(default="")

    class Meta:
        db_table = "api_token"
        constraints: ClassVar = [
            models.CheckConstraint(
                name="api_token_revoked_by_someone",
                condition=models.Q(revoked_at__isnull=True, revoked_by="")
                | (models.Q(revoked_at__isnull=False) & ~models.Q(revoked_by="")),
            )
        ]
