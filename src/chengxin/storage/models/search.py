"""Search (检索) tables: a projection of subject names that finds a subject by part of a name. Can be rebuilt."""

from django.db import models


class NameDoc(models.Model):
    """A name as the index knows it. Names given up stay here: only those still in ``subject_name`` count.

    Its terms lie in ``name_term`` on SQLite (full-text index by ``doc``) and in a column ``terms`` on PostgreSQL.
    """

    doc = models.BigIntegerField(primary_key=True)
    subject = models.TextField()
    norm = models.TextField()

    class Meta:
        managed = False
        db_table = "name_doc"
