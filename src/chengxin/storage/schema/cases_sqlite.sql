-- Events of a case (办理经过) only grow. INSERT OR REPLACE deletes without firing a delete trigger: so a number may only ever be
-- the next one. The texts of an event can be blanked by an erasure, nothing else of it.
CREATE TRIGGER case_event_no_delete BEFORE DELETE ON case_event BEGIN SELECT RAISE(ABORT, 'cases: events are never deleted'); END;
CREATE TRIGGER case_event_no_update BEFORE UPDATE ON case_event
WHEN NOT (NEW.reason IN ('', OLD.reason) AND (NEW.letter IS NULL OR NEW.letter IS OLD.letter) AND NEW.document IN ('', OLD.document)
    AND NEW.case_id = OLD.case_id AND NEW.number = OLD.number AND NEW.step = OLD.step AND NEW.source = OLD.source
    AND NEW.state = OLD.state AND NEW.at = OLD.at AND NEW.actor = OLD.actor AND NEW.role = OLD.role
    AND NEW.organisation = OLD.organisation AND NEW.ground = OLD.ground AND NEW.entry IS OLD.entry)
BEGIN SELECT RAISE(ABORT, 'cases: events are never edited'); END;
CREATE TRIGGER case_event_in_order BEFORE INSERT ON case_event
WHEN NEW.number <> (SELECT coalesce(max(number), 0) + 1 FROM case_event WHERE case_id = NEW.case_id)
BEGIN SELECT RAISE(ABORT, 'cases: events are only ever appended'); END;
