-- An item may go through an act of erasure only: an entry after it that names it, proposed and confirmed by two people.

CREATE FUNCTION erased_item_ordered() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (
        SELECT 1 FROM ledger_item a
        WHERE a.seq = NEW.act AND NEW.seq < NEW.act AND a.content LIKE '{"act":"erase",%'
          AND ' ' || (a.content::json ->> 'entries') || ' ' LIKE '% ' || NEW.seq || ' %'
          AND a.content::json ->> 'proposed_by' <> a.content::json ->> 'confirmed_by'
    ) OR EXISTS (SELECT 1 FROM ledger_item i WHERE i.seq = NEW.seq AND i.content LIKE '{"act":"erase",%') THEN
        RAISE EXCEPTION 'ledger: an item is erased by an act of two people only';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER erased_item_ordered BEFORE INSERT ON erased_item FOR EACH ROW EXECUTE FUNCTION erased_item_ordered();
CREATE TRIGGER erased_item_append_only BEFORE UPDATE OR DELETE ON erased_item FOR EACH ROW EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER erased_item_no_truncate BEFORE TRUNCATE ON erased_item FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse();

CREATE FUNCTION ledger_item_erased() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM erased_item WHERE seq = OLD.seq) THEN
        RAISE EXCEPTION 'ledger: items are never deleted';
    END IF;
    RETURN OLD;
END $$;
DROP TRIGGER ledger_item_append_only ON ledger_item;
CREATE TRIGGER ledger_item_no_update BEFORE UPDATE ON ledger_item FOR EACH ROW EXECUTE FUNCTION ledger_refuse();
CREATE TRIGGER ledger_item_no_delete BEFORE DELETE ON ledger_item FOR EACH ROW EXECUTE FUNCTION ledger_item_erased();
