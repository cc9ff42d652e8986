-- An authorisation (授权) is asked for, decided and ended once each; what was asked for never changes.
CREATE TRIGGER authorisation_no_delete BEFORE DELETE ON authorisation
BEGIN SELECT RAISE(ABORT, 'authorisations are never deleted'); END;
CREATE TRIGGER authorisation_once BEFORE UPDATE ON authorisation
WHEN NOT (NEW.user_id = OLD.user_id AND NEW.subject = OLD.subject AND NEW.scope = OLD.scope AND NEW.way = OLD.way
    AND NEW.until = OLD.until AND NEW.asked_at = OLD.asked_at
    AND (OLD.decided_at IS NULL OR (NEW.granted IS OLD.granted AND NEW.decided_at IS OLD.decided_at
        AND NEW.decided_by = OLD.decided_by AND NEW.reason = OLD.reason))
    AND (OLD.ended_at IS NULL OR (NEW.ended_at IS OLD.ended_at AND NEW.ended_by = OLD.ended_by
        AND NEW.end_reason = OLD.end_reason)))
BEGIN SELECT RAISE(ABORT, 'authorisations: what was decided is not decided again'); END;
