-- Search by part of a name, for SQLite. The terms are cut beforehand (subjects.terms) and separated by blanks:
-- the trigram tokenizer would answer nothing to two-character Chinese questions. The index keeps no text.

CREATE TABLE name_doc (
    doc integer NOT NULL PRIMARY KEY,
    subject text NOT NULL,
    norm text NOT NULL                     -- subject_name.norm
);
CREATE VIRTUAL TABLE name_term USING fts5(terms, content='', detail=none, columnsize=0, tokenize='ascii');
