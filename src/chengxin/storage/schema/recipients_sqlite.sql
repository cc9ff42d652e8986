-- What was delivered, certified and found only ever grows; an erasure takes a certificate's text, nothing else.
CREATE TRIGGER delivery_no_update BEFORE UPDATE ON delivery BEGIN SELECT RAISE(ABORT, 'deliveries are never edited'); END;
CREATE TRIGGER delivery_no_delete BEFORE DELETE ON delivery BEGIN SELECT RAISE(ABORT, 'deliveries are never deleted'); END;
CREATE TRIGGER probe_no_update BEFORE UPDATE ON probe BEGIN SELECT RAISE(ABORT, 'probes are never edited'); END;
CREATE TRIGGER probe_no_delete BEFORE DELETE ON probe BEGIN SELECT RAISE(ABORT, 'probes are never deleted'); END;
CREATE TRIGGER certificate_no_delete BEFORE DELETE ON certificate BEGIN SELECT RAISE(ABORT, 'certificates are never deleted'); END;
CREATE TRIGGER certificate_no_update BEFORE UPDATE ON certificate
WHEN NOT (NEW.body = '' AND NEW.seq = OLD.seq AND NEW.record = OLD.record AND NEW.note = OLD.note AND NEW.at = OLD.at)
BEGIN SELECT RAISE(ABORT, 'certificates are never edited'); END;
CREATE TRIGGER notification_no_delete BEFORE DELETE ON notification BEGIN SELECT RAISE(ABORT, 'notifications are never deleted'); END;
CREATE TRIGGER notification_confirmed_once BEFORE UPDATE ON notification
WHEN OLD.acknowledged_at IS NOT NULL OR NEW.recipient_id <> OLD.recipient_id OR NEW.seq <> OLD.seq OR NEW.record <> OLD.record
    OR NEW.act <> OLD.act OR NEW.made_at <> OLD.made_at OR (OLD.told_at IS NOT NULL AND NEW.told_at IS NOT OLD.told_at)
BEGIN SELECT RAISE(ABORT, 'notifications: what was told or confirmed stands'); END;
-- corrections in the order of the log, for whoever is told of them
CREATE INDEX record_version_by_seq ON record_version (seq);
