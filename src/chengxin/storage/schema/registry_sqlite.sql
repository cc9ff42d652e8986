-- The subject base with dates and relations, and what the cross-check (校核) found, for SQLite.

ALTER TABLE subject ADD COLUMN status_since date;
ALTER TABLE subject_code ADD COLUMN since date;
ALTER TABLE subject_code ADD COLUMN until date;
ALTER TABLE subject_name ADD COLUMN stated bool NOT NULL DEFAULT 1;  -- false: replaced without a date and never listed as former
CREATE TABLE subject_relation (            -- the subject is <kind> of the related one
    subject text NOT NULL,
    kind text NOT NULL,                    -- value of the code list relation-kind
    related text NOT NULL,                 -- code as stated: the other may come into the base later
    name text NOT NULL,                    -- its name as stated, '' when none was
    since date,
    until date,
    seq integer NOT NULL,                  -- entry that states it
    PRIMARY KEY (subject, kind, related)
) WITHOUT ROWID;
CREATE INDEX subject_relation_related ON subject_relation (related);

CREATE TABLE finding (
    id integer NOT NULL PRIMARY KEY,
    rule text NOT NULL,                    -- subjects.crosscheck
    key text NOT NULL,                     -- what it is about; with the rule the same finding in every run
    code text NOT NULL,                    -- the code by which the owner was found
    department text NOT NULL,              -- registering department: first character of the code
    owner text NOT NULL,                   -- source that must act, '' = the credit centre
    state text NOT NULL,                   -- open, taken, explained, gone
    detail text NOT NULL,                  -- JSON: the evidence, as found last
    first_at text NOT NULL,                -- UTC, ISO 8601, seconds
    last_at text NOT NULL,
    UNIQUE (rule, key)
);
CREATE INDEX finding_open ON finding (state, owner, rule, id);
CREATE TABLE finding_event (               -- its history; only ever grows
    finding integer NOT NULL,
    number integer NOT NULL,
    at text NOT NULL,
    by text NOT NULL,                      -- user name, '' = the cross-check itself
    act text NOT NULL,                     -- found, changed, gone, taken, noted, explained, reopened, assigned
    note text NOT NULL,
    PRIMARY KEY (finding, number)
) WITHOUT ROWID;
CREATE TRIGGER finding_no_delete BEFORE DELETE ON finding BEGIN SELECT RAISE(ABORT, 'finding: findings are never deleted'); END;
CREATE TRIGGER finding_event_no_update BEFORE UPDATE ON finding_event BEGIN SELECT RAISE(ABORT, 'finding: history is never edited'); END;
CREATE TRIGGER finding_event_no_delete BEFORE DELETE ON finding_event BEGIN SELECT RAISE(ABORT, 'finding: history is never deleted'); END;
