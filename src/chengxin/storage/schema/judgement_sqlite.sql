-- What people said stays said. Only the row's name and code may be blanked, when content is erased.
CREATE TRIGGER judgement_no_update BEFORE UPDATE OF id, submission_id, row, subject, verdict, reason, "by", at, score, revokes_id ON judgement
BEGIN SELECT RAISE(ABORT, 'judgement: never edited'); END;
CREATE TRIGGER judgement_only_blank BEFORE UPDATE OF name, code, norm ON judgement
WHEN NEW.name NOT IN ('', OLD.name) OR NEW.code NOT IN ('', OLD.code) OR NEW.norm NOT IN ('', OLD.norm)
BEGIN SELECT RAISE(ABORT, 'judgement: never edited'); END;
CREATE TRIGGER judgement_no_delete BEFORE DELETE ON judgement
BEGIN SELECT RAISE(ABORT, 'judgement: never deleted'); END;
-- INSERT OR REPLACE deletes without firing a delete trigger: so nothing that is there may come again.
CREATE TRIGGER judgement_no_replace BEFORE INSERT ON judgement
WHEN EXISTS (SELECT 1 FROM judgement WHERE id = NEW.id OR revokes_id = NEW.revokes_id)
BEGIN SELECT RAISE(ABORT, 'judgement: only ever appended'); END;
CREATE TRIGGER judgement_effect_no_replace BEFORE INSERT ON judgement_effect
WHEN EXISTS (SELECT 1 FROM judgement_effect WHERE id = NEW.id)
BEGIN SELECT RAISE(ABORT, 'judgement: only ever appended'); END;
CREATE TRIGGER judgement_effect_no_update BEFORE UPDATE ON judgement_effect
BEGIN SELECT RAISE(ABORT, 'judgement: never edited'); END;
CREATE TRIGGER judgement_effect_no_delete BEFORE DELETE ON judgement_effect
BEGIN SELECT RAISE(ABORT, 'judgement: never deleted'); END;
