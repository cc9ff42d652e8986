"""Subject (信用主体) tables: the subject base, its codes and names. A projection of registration items."""

from django.db import models


class Subject(models.Model):
    """One subject; ``id`` is the first code it was known under and stays."""

    id = models.TextField(primary_key=True)
    kind = models.TextField()
    code = models.TextField()
    name = models.TextField()
    status = models.TextField()
    region = models.TextField()
    provisional = models.BooleanField()
    seq = models.BigIntegerField()

    class Meta:
        managed = False
        db_table = "subject"


class SubjectCode(models.Model):
    """A code of a subject: current, former or legacy."""

    pk = models.CompositePrimaryKey("code", "scheme", "subject")
    code = models.TextField()
    scheme = models.TextField()
    subject = models.TextField()
    state = models.TextField()

    class Meta:
        managed = False
        db_table = "subject_code"


class SubjectName(models.Model):
    """A name of a subject: current, former, branch or English; ``norm`` is its normalised form."""

    pk = models.CompositePrimaryKey("norm", "subject", "kind")
    norm = models.TextField()
    subject = models.TextField()
    kind = models.TextField()
    text = models.TextField()
    since = models.DateField(null=True)
    until = models.DateField(null=True)

    class Meta:
        managed = False
        db_table = "subject_name"
