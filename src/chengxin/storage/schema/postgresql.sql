-- Tables that are filled in bulk, for PostgreSQL: the same tables, ordinary heaps with the same keys.

CREATE TABLE ledger_batch (
    id text NOT NULL PRIMARY KEY,          -- receipt number
    first_seq bigint NOT NULL UNIQUE,     -- number of its first entry; its entries are [first_seq, first_seq + size)
    size bigint NOT NULL,
    at text NOT NULL,                      -- UTC, ISO 8601, seconds
    by text NOT NULL,                      -- code of the submitting organisation
    catalogue text NOT NULL,               -- digest of the catalogue in force, hex
    root text NOT NULL,                    -- Merkle root over all entries up to and with this batch, hex
    checkpoint text NOT NULL               -- signed note
);
CREATE TABLE ledger_item (
    seq bigint NOT NULL PRIMARY KEY,
    nonce bytea NOT NULL,
    content text NOT NULL                  -- canonical JSON
);
CREATE TABLE ledger_entry (
    seq bigint NOT NULL PRIMARY KEY,
    digest bytea NOT NULL                   -- SHA-256(nonce + content); the leaf's other fields are the batch's
);
CREATE TABLE ledger_tile (                 -- derived: C2SP tiles, partial ones are replaced as they grow
    level bigint NOT NULL,
    number bigint NOT NULL,
    hashes bytea NOT NULL,
    PRIMARY KEY (level, number)
);


CREATE FUNCTION ledger_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'ledger: entries and items are never edited or deleted'; END $$;
CREATE TRIGGER ledger_batch_append_only BEFORE UPDATE OR DELETE ON ledger_batch FOR EACH ROW EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER ledger_batch_no_truncate BEFORE TRUNCATE ON ledger_batch FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER ledger_item_append_only BEFORE UPDATE OR DELETE ON ledger_item FOR EACH ROW EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER ledger_item_no_truncate BEFORE TRUNCATE ON ledger_item FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER ledger_entry_append_only BEFORE UPDATE OR DELETE ON ledger_entry FOR EACH ROW EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER ledger_entry_no_truncate BEFORE TRUNCATE ON ledger_entry FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();

CREATE TABLE record (
    seq bigint NOT NULL PRIMARY KEY,      -- number of the entry that first stated it
    id bytea NOT NULL,                      -- 16 bytes, see records.model
    item text NOT NULL,
    subject text NOT NULL,
    source text NOT NULL,
    authority text NOT NULL,
    decided_on date,
    severity text NOT NULL,
    severity_by text NOT NULL,
    starts date,
    repairable date,
    ends date,
    regime text NOT NULL,
    withheld text NOT NULL,
    latest bigint NOT NULL,               -- number of the entry whose item is the current content
    versions bigint NOT NULL
);
CREATE TABLE record_key (
    id bytea NOT NULL PRIMARY KEY,
    seq bigint NOT NULL
);
CREATE TABLE record_subject (
    subject text NOT NULL,
    item text NOT NULL,
    day bigint NOT NULL,                  -- decided_on as days since 1970-01-01, 0 without a date
    seq bigint NOT NULL,
    PRIMARY KEY (subject, item, day, seq)
);
CREATE TABLE record_version (              -- corrections only: the first statement is record.seq
    record bigint NOT NULL,
    seq bigint NOT NULL,
    PRIMARY KEY (record, seq)
);
CREATE TABLE window_count (                -- how many windows open and close on a day: "published today" is a sum
    item text NOT NULL,
    day date NOT NULL,
    opening bigint NOT NULL,
    closing bigint NOT NULL,
    PRIMARY KEY (item, day)
);

CREATE TABLE subject (
    id text NOT NULL PRIMARY KEY,          -- the first code it was known under
    kind text NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    status text NOT NULL,
    region text NOT NULL,
    provisional bool NOT NULL,
    seq bigint NOT NULL                   -- entry of its registration, or of the record that introduced it
);
CREATE TABLE subject_code (
    code text NOT NULL,
    scheme text NOT NULL,
    subject text NOT NULL,
    state text NOT NULL,
    PRIMARY KEY (code, scheme, subject)
);
CREATE INDEX subject_code_subject ON subject_code (subject);
CREATE TABLE subject_name (
    norm text NOT NULL,                    -- subjects.names.normalise(text)
    subject text NOT NULL,
    kind text NOT NULL,
    text text NOT NULL,
    since date,
    until date,
    PRIMARY KEY (norm, subject, kind)
);
CREATE INDEX subject_name_subject ON subject_name (subject);

CREATE TABLE submission_row (              -- every row that was not simply stored, and every row with a warning
    submission text NOT NULL,
    row bigint NOT NULL,                  -- row number in the sender's file
    outcome text NOT NULL,
    reasons text NOT NULL,                 -- JSON list of {rule, field}
    cells text,                            -- JSON, cells as sent, without personal numbers; NULL where refused
    PRIMARY KEY (submission, row)
);
