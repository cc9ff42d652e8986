-- How far the log is published: raised once the tiles below it are durable, never lowered.
CREATE TABLE ledger_published (
    id integer NOT NULL PRIMARY KEY CHECK (id = 1),
    size bigint NOT NULL
);
INSERT INTO ledger_published (id, size)
SELECT 1, coalesce((SELECT first_seq + size FROM ledger_batch ORDER BY first_seq DESC LIMIT 1), 0);
CREATE FUNCTION ledger_published_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'ledger: a published log does not shrink'; END $$;
CREATE TRIGGER ledger_published_rises BEFORE UPDATE ON ledger_published FOR EACH ROW WHEN (NEW.size < OLD.size)
EXECUTE FUNCTION ledger_published_refuse();
CREATE TRIGGER ledger_published_stays BEFORE DELETE OR TRUNCATE ON ledger_published FOR EACH STATEMENT
EXECUTE FUNCTION ledger_published_refuse();

-- As on SQLite: a batch begins where the last one ends, so whoever appends without the sequencer's place is refused.
CREATE FUNCTION ledger_batch_next() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.first_seq <> coalesce((SELECT first_seq + size FROM ledger_batch ORDER BY first_seq DESC LIMIT 1), 0) THEN
        RAISE EXCEPTION 'ledger: batches are only ever appended';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER ledger_batch_in_order BEFORE INSERT ON ledger_batch FOR EACH ROW EXECUTE FUNCTION ledger_batch_next();
