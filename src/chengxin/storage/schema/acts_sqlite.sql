-- What acts make of records (records.fold), and the numbers of receipts and batches that are taken.

ALTER TABLE record ADD COLUMN marks integer NOT NULL DEFAULT 0;   -- see records.fold.Mark
CREATE TABLE record_act (                  -- acts other than statements, and statements that brought a record back
    record integer NOT NULL,               -- record.seq
    seq integer NOT NULL,                  -- number of the act's entry
    act text NOT NULL,
    day date NOT NULL,                     -- of the entry, in China
    PRIMARY KEY (record, seq)
) WITHOUT ROWID;
CREATE INDEX record_act_by_act ON record_act (act, seq);
CREATE TABLE receipt_number (
    id text NOT NULL PRIMARY KEY
) WITHOUT ROWID;
