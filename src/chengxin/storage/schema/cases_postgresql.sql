-- Events of a case (办理经过) only grow. The texts of an event can be blanked by an erasure, nothing else of it.
CREATE FUNCTION case_event_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.reason IN ('', OLD.reason) AND NEW.document IN ('', OLD.document)
        AND (NEW.letter IS NULL OR NEW.letter IS NOT DISTINCT FROM OLD.letter)
        AND (NEW.case_id, NEW.number, NEW.step, NEW.source, NEW.state, NEW.at, NEW.actor, NEW.role, NEW.organisation, NEW.ground)
            = (OLD.case_id, OLD.number, OLD.step, OLD.source, OLD.state, OLD.at, OLD.actor, OLD.role, OLD.organisation, OLD.ground)
        AND NEW.entry IS NOT DISTINCT FROM OLD.entry THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'cases: events are never edited or deleted';
END $$;
CREATE TRIGGER case_event_append_only BEFORE UPDATE OR DELETE ON case_event FOR EACH ROW EXECUTE FUNCTION case_event_refuse();
CREATE TRIGGER case_event_no_truncate BEFORE TRUNCATE ON case_event FOR EACH STATEMENT EXECUTE FUNCTION case_event_refuse();
