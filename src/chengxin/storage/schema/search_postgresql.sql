-- Search by part of a name, for PostgreSQL.

CREATE TABLE name_doc (
    doc bigint NOT NULL PRIMARY KEY,
    subject text NOT NULL,
    norm text NOT NULL,                    -- subject_name.norm
    terms text[] NOT NULL                  -- subjects.terms
);
CREATE INDEX name_doc_terms ON name_doc USING gin (terms);
