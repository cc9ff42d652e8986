-- What was delivered, certified and found only ever grows; an erasure takes a certificate's text, nothing else.
CREATE FUNCTION recipients_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%: never edited or deleted', TG_TABLE_NAME;
END $$;
CREATE TRIGGER delivery_append_only BEFORE UPDATE OR DELETE ON delivery FOR EACH ROW EXECUTE FUNCTION recipients_refuse();
CREATE TRIGGER delivery_no_truncate BEFORE TRUNCATE ON delivery FOR EACH STATEMENT EXECUTE FUNCTION recipients_refuse();
CREATE TRIGGER probe_append_only BEFORE UPDATE OR DELETE ON probe FOR EACH ROW EXECUTE FUNCTION recipients_refuse();
CREATE TRIGGER probe_no_truncate BEFORE TRUNCATE ON probe FOR EACH STATEMENT EXECUTE FUNCTION recipients_refuse();
CREATE TRIGGER certificate_no_delete BEFORE DELETE ON certificate FOR EACH ROW EXECUTE FUNCTION recipients_refuse();
CREATE TRIGGER certificate_no_truncate BEFORE TRUNCATE ON certificate FOR EACH STATEMENT EXECUTE FUNCTION recipients_refuse();
CREATE TRIGGER certificate_no_update BEFORE UPDATE ON certificate FOR EACH ROW
WHEN (NOT (NEW.body = '' AND NEW.seq = OLD.seq AND NEW.record = OLD.record AND NEW.note = OLD.note AND NEW.at = OLD.at))
EXECUTE FUNCTION recipients_refuse();
CREATE TRIGGER notification_no_delete BEFORE DELETE ON notification FOR EACH ROW EXECUTE FUNCTION recipients_refuse();
CREATE TRIGGER notification_no_truncate BEFORE TRUNCATE ON notification FOR EACH STATEMENT EXECUTE FUNCTION recipients_refuse();
CREATE TRIGGER notification_confirmed_once BEFORE UPDATE ON notification FOR EACH ROW
WHEN (OLD.acknowledged_at IS NOT NULL OR NEW.recipient_id <> OLD.recipient_id OR NEW.seq <> OLD.seq OR NEW.record <> OLD.record
    OR NEW.act <> OLD.act OR NEW.made_at <> OLD.made_at
    OR (OLD.told_at IS NOT NULL AND NEW.told_at IS DISTINCT FROM OLD.told_at))
EXECUTE FUNCTION recipients_refuse();
-- corrections in the order of the log, for whoever is told of them
CREATE INDEX record_version_by_seq ON record_version (seq);
