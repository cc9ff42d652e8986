-- An item may go through an act of erasure only: an entry after it that names it, proposed and confirmed by two people.

CREATE TRIGGER erased_item_ordered BEFORE INSERT ON erased_item
WHEN NOT EXISTS (
    SELECT 1 FROM ledger_item a
    WHERE a.seq = NEW.act AND NEW.seq < NEW.act AND a.content LIKE '{"act":"erase",%'
      AND ' ' || json_extract(a.content, '$.entries') || ' ' LIKE '% ' || NEW.seq || ' %'
      AND json_extract(a.content, '$.proposed_by') <> json_extract(a.content, '$.confirmed_by')
) OR EXISTS (SELECT 1 FROM ledger_item i WHERE i.seq = NEW.seq AND i.content LIKE '{"act":"erase",%')
BEGIN SELECT RAISE(ABORT, 'ledger: an item is erased by an act of two people only'); END;
CREATE TRIGGER erased_item_no_update BEFORE UPDATE ON erased_item BEGIN SELECT RAISE(ABORT, 'ledger: erasures are never edited'); END;
CREATE TRIGGER erased_item_no_delete BEFORE DELETE ON erased_item BEGIN SELECT RAISE(ABORT, 'ledger: erasures are never deleted'); END;

DROP TRIGGER ledger_item_no_delete;
CREATE TRIGGER ledger_item_no_delete BEFORE DELETE ON ledger_item
WHEN NOT EXISTS (SELECT 1 FROM erased_item WHERE seq = OLD.seq)
BEGIN SELECT RAISE(ABORT, 'ledger: items are never deleted'); END;
