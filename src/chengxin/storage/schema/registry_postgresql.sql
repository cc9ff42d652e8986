-- The subject base with dates and relations, and what the cross-check (校核) found, for PostgreSQL.

ALTER TABLE subject ADD COLUMN status_since date;
ALTER TABLE subject_code ADD COLUMN since date, ADD COLUMN until date;
ALTER TABLE subject_name ADD COLUMN stated bool NOT NULL DEFAULT true;  -- false: replaced without a date and never listed as former
CREATE TABLE subject_relation (            -- the subject is <kind> of the related one
    subject text NOT NULL,
    kind text NOT NULL,                    -- value of the code list relation-kind
    related text NOT NULL,                 -- code as stated: the other may come into the base later
    name text NOT NULL,                    -- its name as stated, '' when none was
    since date,
    until date,
    seq bigint NOT NULL,                   -- entry that states it
    PRIMARY KEY (subject, kind, related)
);
CREATE INDEX subject_relation_related ON subject_relation (related);

CREATE TABLE finding (
    id bigint NOT NULL PRIMARY KEY,
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
    finding bigint NOT NULL,
    number bigint NOT NULL,
    at text NOT NULL,
    by text NOT NULL,                      -- user name, '' = the cross-check itself
    act text NOT NULL,                     -- found, changed, gone, taken, noted, explained, reopened, assigned
    note text NOT NULL,
    PRIMARY KEY (finding, number)
);
CREATE FUNCTION finding_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'finding: findings are never deleted, their history is never edited'; END $$;
CREATE TRIGGER finding_no_delete BEFORE DELETE ON finding FOR EACH ROW EXECUTE FUNCTION finding_refuse();
CREATE TRIGGER finding_event_append_only BEFORE UPDATE OR DELETE ON finding_event FOR EACH ROW EXECUTE FUNCTION finding_refuse();
CREATE TRIGGER finding_event_no_truncate BEFORE TRUNCATE ON finding_event FOR EACH STATEMENT EXECUTE FUNCTION finding_refuse();
