"""Ledger (信用账本) tables: batches, items, entries, tiles. Append only; the database refuses update and delete."""

from django.db import models


class LedgerBatch(models.Model):
    """A batch (批次): all entries of one submission, with the checkpoint that covers them."""

    id = models.TextField(primary_key=True)
    first_seq = models.BigIntegerField(unique=True)
    size = models.BigIntegerField()
    at = models.TextField()
    by = models.TextField()
    catalogue = models.TextField()
    root = models.TextField()
    checkpoint = models.TextField()

    class Meta:
        managed = False
        db_table = "ledger_batch"


class LedgerItem(models.Model):
    """An item (内容): canonical content and its nonce. Content can be erased; the entry then still proves it was."""

    seq = models.BigIntegerField(primary_key=True)
    nonce = models.BinaryField()
    content = models.TextField()

    class Meta:
        managed = False
        db_table = "ledger_item"


class LedgerEntry(models.Model):
    """An entry (条目): the digest of an item at its place in the log."""

    seq = models.BigIntegerField(primary_key=True)
    digest = models.BinaryField()

    class Meta:
        managed = False
        db_table = "ledger_entry"


class LedgerTile(models.Model):
    """A tile (哈希块) of the Merkle tree: up to 256 hashes of one level. Derived from the entries."""

    pk = models.CompositePrimaryKey("level", "number")
    level = models.IntegerField()
    number = models.BigIntegerField()
    hashes = models.BinaryField()

    class Meta:
        managed = False
        db_table = "ledger_tile"
