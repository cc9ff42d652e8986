"""Subject (信用主体) tables: the subject base, its codes, names and relations. A projection of registration items."""

from django.db import models


class Subject(models.Model):
    """One subject; ``id`` is the first code it was known under and stays."""

    id = models.TextField(primary_key=True)
    kind = models.TextField()
    code = models.TextField()
    name = models.TextField()
    status = models.TextField()
    status_since = models.DateField(null=True)
    region = models.TextField()
    provisional = models.BooleanField()
    seq = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "subject"


class SubjectCode(models.Model):
    """A code of a subject: current, former or legacy; ``until`` is the first day it was no longer the subject's."""

    pk = models.CompositePrimaryKey("code", "scheme", "subject")
    code = models.TextField()
    scheme = models.TextField()
    subject = models.TextField()
    state = models.TextField()
    since = models.DateField(null=True)
    until = models.DateField(null=True)

    class Meta:
        managed = False
        db_table = "subject_code"


class SubjectName(models.Model):
    """A name of a subject: current, former, branch or English; ``norm`` is its normalised form.

    ``stated`` is false for a name that another one replaced without a date, and that the register never listed as a
    former name: the cross-check asks about it.
    """

    pk = models.CompositePrimaryKey("norm", "subject", "kind")
    norm = models.TextField()
    subject = models.TextField()
    kind = models.TextField()
    text = models.TextField()
    since = models.DateField(null=True)
    until = models.DateField(null=True)
    stated = models.BooleanField(default=True)

    class Meta:
        managed = False
        db_table = "subject_name"


class SubjectRelation(models.Model):
    """A relation (主体关系): the subject is ``kind`` of the related one, which may not be in the base (yet)."""

    pk = models.CompositePrimaryKey("subject", "kind", "related")
    subject = models.TextField()
    kind = models.TextField()
    related = models.TextField()
    name = models.TextField()
    since = models.DateField(null=True)
    until = models.DateField(null=True)
    seq = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "subject_relation"
