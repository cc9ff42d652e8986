-- What people said stays said. Only the row's name and code may be blanked, when content is erased.
CREATE FUNCTION judgement_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'judgement: never edited or deleted'; END $$;
CREATE TRIGGER judgement_no_update BEFORE UPDATE OF id, submission_id, row, subject, verdict, reason, by, at, score, revokes_id ON judgement
FOR EACH ROW EXECUTE FUNCTION judgement_refuse();
CREATE TRIGGER judgement_only_blank BEFORE UPDATE OF name, code, norm ON judgement
FOR EACH ROW WHEN (NEW.name NOT IN ('', OLD.name) OR NEW.code NOT IN ('', OLD.code) OR NEW.norm NOT IN ('', OLD.norm)) EXECUTE FUNCTION judgement_refuse();
CREATE TRIGGER judgement_no_delete BEFORE DELETE ON judgement FOR EACH ROW EXECUTE FUNCTION judgement_refuse();
CREATE TRIGGER judgement_no_truncate BEFORE TRUNCATE ON judgement FOR EACH STATEMENT EXECUTE FUNCTION judgement_refuse();
CREATE TRIGGER judgement_effect_no_change BEFORE UPDATE OR DELETE ON judgement_effect
FOR EACH ROW EXECUTE FUNCTION judgement_refuse();
CREATE TRIGGER judgement_effect_no_truncate BEFORE TRUNCATE ON judgement_effect
FOR EACH STATEMENT EXECUTE FUNCTION judgement_refuse();
