-- What people said stays said. Only the row's name and code may be blanked, when content is erased.
CREATE TRIGGER judgement_no_update BEFORE UPDATE OF id, submission_id, row, subject, verdict, reason, "by", at, score, revokes_id ON judgement
BEGIN SELECT RAISE(ABORT, 'judgement: never edited'); END;
CREATE TRIGGER judgement_only_blank BEFORE UPDATE OF name, code, norm ON judgement
WHEN NEW.name NOT IN ('', OLD.name) OR NEW.code NOT IN ('', OLD.code) OR NEW.norm NOT IN ('', OLD.norm)
BEGIN SELECT RAISE(ABORT, 'judgement: never edited'); END;
CREATE TRIGGER judgement_no_delete BEFORE DELETE ON judgement
BEGIN SELECT RAISE(ABORT, 'judgement: never deleted'); END;
CREATE TRIGGER judgement_in_order BEFORE INSERT ON judgement
WHEN NEW.id IS NOT NULL AND NEW.id <= (SELECT coalesce(max(id), 0) FROM judgement)
BEGIN SELECT RAISE(ABORT, 'judgement: only ever appended'); END;
CREATE TRIGGER judgement_effect_no_update BEFORE UPDATE ON judgement_effect
BEGIN SELECT RAISE(ABORT, 'judgement: never edited'); END;
CREATE TRIGGER judgement_effect_no_delete BEFORE DELETE ON judgement_effect
BEGIN SELECT RAISE(ABORT, 'judgement: never deleted'); END;
