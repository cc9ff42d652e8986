-- How far the log is published: raised once the tiles below it are durable, never lowered.
CREATE TABLE ledger_published (
    id integer NOT NULL PRIMARY KEY CHECK (id = 1),
    size integer NOT NULL
);
INSERT INTO ledger_published (id, size)
SELECT 1, coalesce((SELECT first_seq + size FROM ledger_batch ORDER BY first_seq DESC LIMIT 1), 0);
CREATE TRIGGER ledger_published_rises BEFORE UPDATE ON ledger_published WHEN NEW.size < OLD.size
BEGIN SELECT RAISE(ABORT, 'ledger: a published log does not shrink'); END;
CREATE TRIGGER ledger_published_stays BEFORE DELETE ON ledger_published
BEGIN SELECT RAISE(ABORT, 'ledger: a published log does not shrink'); END;

-- The same rule as before, by the last batch alone: a log of a million single acts has a million batches.
DROP TRIGGER ledger_batch_in_order;
CREATE TRIGGER ledger_batch_in_order BEFORE INSERT ON ledger_batch
WHEN NEW.first_seq <> coalesce((SELECT first_seq + size FROM ledger_batch ORDER BY first_seq DESC LIMIT 1), 0)
BEGIN SELECT RAISE(ABORT, 'ledger: batches are only ever appended'); END;
