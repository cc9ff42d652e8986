-- An authorisation (授权) is asked for, decided and ended once each; what was asked for never changes.
CREATE FUNCTION authorisation_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE'
        AND (NEW.user_id, NEW.subject, NEW.scope, NEW.way, NEW.until, NEW.asked_at)
            = (OLD.user_id, OLD.subject, OLD.scope, OLD.way, OLD.until, OLD.asked_at)
        AND (OLD.decided_at IS NULL OR (NEW.granted IS NOT DISTINCT FROM OLD.granted
            AND (NEW.decided_at, NEW.decided_by, NEW.reason) = (OLD.decided_at, OLD.decided_by, OLD.reason)))
        AND (OLD.ended_at IS NULL
            OR (NEW.ended_at, NEW.ended_by, NEW.end_reason) = (OLD.ended_at, OLD.ended_by, OLD.end_reason)) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'authorisations: what was decided is not decided again';
END $$;
CREATE TRIGGER authorisation_once BEFORE UPDATE OR DELETE ON authorisation
    FOR EACH ROW EXECUTE FUNCTION authorisation_refuse();
CREATE TRIGGER authorisation_no_truncate BEFORE TRUNCATE ON authorisation
    FOR EACH STATEMENT EXECUTE FUNCTION authorisation_refuse();
