-- Tables that are filled in bulk, for SQLite. Look-up tables are WITHOUT ROWID and filled in their own sort order:
-- then the cost of a batch does not grow with what is stored already.

CREATE TABLE ledger_batch (
    id text NOT NULL PRIMARY KEY,          -- receipt number
    first_seq integer NOT NULL UNIQUE,     -- number of its first entry; its entries are [first_seq, first_seq + size)
    size integer NOT NULL,
    at text NOT NULL,                      -- UTC, ISO 8601, seconds
    by text NOT NULL,                      -- code of the submitting organisation
    catalogue text NOT NULL,               -- digest of the catalogue in force, hex
    root text NOT NULL,                    -- Merkle root over all entries up to and with this batch, hex
    checkpoint text NOT NULL               -- signed note
);
CREATE TABLE ledger_item (
    seq integer NOT NULL PRIMARY KEY,
    nonce blob NOT NULL,
    content text NOT NULL                  -- canonical JSON
);
CREATE TABLE ledger_entry (
    seq integer NOT NULL PRIMARY KEY,
    digest blob NOT NULL                   -- SHA-256(nonce + content); the leaf's other fields are the batch's
);
CREATE TABLE ledger_tile (                 -- derived: C2SP tiles, partial ones are replaced as they grow
    level integer NOT NULL,
    number integer NOT NULL,
    hashes blob NOT NULL,
    PRIMARY KEY (level, number)
) WITHOUT ROWID;

CREATE TRIGGER ledger_batch_no_update BEFORE UPDATE ON ledger_batch BEGIN SELECT RAISE(ABORT, 'ledger: entries are never edited'); END;
CREATE TRIGGER ledger_batch_no_delete BEFORE DELETE ON ledger_batch BEGIN SELECT RAISE(ABORT, 'ledger: entries are never deleted'); END;
CREATE TRIGGER ledger_item_no_update BEFORE UPDATE ON ledger_item BEGIN SELECT RAISE(ABORT, 'ledger: items are never edited'); END;
CREATE TRIGGER ledger_item_no_delete BEFORE DELETE ON ledger_item BEGIN SELECT RAISE(ABORT, 'ledger: items are never deleted'); END;
CREATE TRIGGER ledger_entry_no_update BEFORE UPDATE ON ledger_entry BEGIN SELECT RAISE(ABORT, 'ledger: entries are never edited'); END;
CREATE TRIGGER ledger_entry_no_delete BEFORE DELETE ON ledger_entry BEGIN SELECT RAISE(ABORT, 'ledger: entries are never deleted'); END;

-- INSERT OR REPLACE deletes without firing a delete trigger: so a number may only ever be the next one.
CREATE TRIGGER ledger_item_in_order BEFORE INSERT ON ledger_item
WHEN NEW.seq <> (SELECT coalesce(max(seq), -1) + 1 FROM ledger_item)
BEGIN SELECT RAISE(ABORT, 'ledger: items are only ever appended'); END;
CREATE TRIGGER ledger_entry_in_order BEFORE INSERT ON ledger_entry
WHEN NEW.seq <> (SELECT coalesce(max(seq), -1) + 1 FROM ledger_entry)
BEGIN SELECT RAISE(ABORT, 'ledger: entries are only ever appended'); END;
CREATE TRIGGER ledger_batch_in_order BEFORE INSERT ON ledger_batch
WHEN NEW.first_seq <> (SELECT coalesce(max(first_seq + size), 0) FROM ledger_batch)
BEGIN SELECT RAISE(ABORT, 'ledger: batches are only ever appended'); END;

CREATE TABLE record (
    seq integer NOT NULL PRIMARY KEY,      -- number of the entry that first stated it
    id blob NOT NULL,                      -- 16 bytes, see records.model
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
    latest integer NOT NULL,               -- number of the entry whose item is the current content
    versions integer NOT NULL
);
CREATE TABLE record_key (
    id blob NOT NULL PRIMARY KEY,
    seq integer NOT NULL
) WITHOUT ROWID;
CREATE TABLE record_subject (
    subject text NOT NULL,
    item text NOT NULL,
    day integer NOT NULL,                  -- decided_on as days since 1970-01-01, 0 without a date
    seq integer NOT NULL,
    PRIMARY KEY (subject, item, day, seq)
) WITHOUT ROWID;
CREATE TABLE record_version (              -- corrections only: the first statement is record.seq
    record integer NOT NULL,
    seq integer NOT NULL,
    PRIMARY KEY (record, seq)
) WITHOUT ROWID;
CREATE TABLE window_count (                -- how many windows open and close on a day: "published today" is a sum
    item text NOT NULL,
    day date NOT NULL,
    opening integer NOT NULL,
    closing integer NOT NULL,
    PRIMARY KEY (item, day)
) WITHOUT ROWID;

CREATE TABLE subject (
    id text NOT NULL PRIMARY KEY,          -- the first code it was known under
    kind text NOT NULL,
    code text NOT NULL,
    name text NOT NULL,
    status text NOT NULL,
    region text NOT NULL,
    provisional bool NOT NULL,
    seq integer NOT NULL                   -- entry of its registration, or of the record that introduced it
) WITHOUT ROWID;
CREATE TABLE subject_code (
    code text NOT NULL,
    scheme text NOT NULL,
    subject text NOT NULL,
    state text NOT NULL,
    PRIMARY KEY (code, scheme, subject)
) WITHOUT ROWID;
CREATE INDEX subject_code_subject ON subject_code (subject);
CREATE TABLE subject_name (
    norm text NOT NULL,                    -- subjects.names.normalise(text)
    subject text NOT NULL,
    kind text NOT NULL,
    text text NOT NULL,
    since date,
    until date,
    PRIMARY KEY (norm, subject, kind)
) WITHOUT ROWID;
CREATE INDEX subject_name_subject ON subject_name (subject);

CREATE TABLE submission_row (              -- every row that was not simply stored, and every row with a warning
    submission text NOT NULL,
    row integer NOT NULL,                  -- row number in the sender's file
    outcome text NOT NULL,
    reasons text NOT NULL,                 -- JSON list of {rule, field}
    cells text,                            -- JSON, cells as sent, without personal numbers; NULL where refused
    PRIMARY KEY (submission, row)
) WITHOUT ROWID;
