-- Purging.
--
-- Events go only with their whole thread, and a thread only with its whole tree, once all of it has ended. What goes is
-- recorded first, in the transaction that deletes it, and that record is what lets the triggers pass: nothing that is not
-- in `purged` can be deleted, nothing gets in there that still runs, waits or owes anything, and neither table forgets.
-- So of every thread that ever was there is either its log or the record of when it was purged, and by whom.

CREATE TABLE purges (
  purge  INTEGER NOT NULL PRIMARY KEY,
  at     INTEGER NOT NULL,
  by     TEXT    NOT NULL CHECK (by <> ''),
  -- Only what had not changed since this moment.
  before INTEGER NOT NULL
) STRICT;

CREATE TABLE purged (
  thread_id TEXT    NOT NULL PRIMARY KEY,
  purge     INTEGER NOT NULL REFERENCES purges (purge),
  agent     TEXT    NOT NULL,
  events    INTEGER NOT NULL CHECK (events > 0)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER only_what_has_ended_is_purged BEFORE INSERT ON purged
WHEN NOT EXISTS (SELECT 1 FROM threads WHERE thread_id = NEW.thread_id AND version = NEW.events)
  OR EXISTS (SELECT 1 FROM threads t JOIN threads u ON u.thread_id = t.root_id
    WHERE t.thread_id = NEW.thread_id AND u.status IN ('running', 'pending'))
  OR EXISTS (SELECT 1 FROM threads t JOIN threads u ON u.root_id = t.root_id AND u.parent_id IS NOT NULL
    WHERE t.thread_id = NEW.thread_id AND u.status IN ('running', 'pending'))
BEGIN
  SELECT RAISE(ABORT, 'only what has ended is purged');
END;

CREATE TRIGGER purged_is_never_changed BEFORE UPDATE ON purged
BEGIN
  SELECT RAISE(ABORT, 'the record of a purge is never changed');
END;

CREATE TRIGGER purged_is_never_deleted BEFORE DELETE ON purged
BEGIN
  SELECT RAISE(ABORT, 'the record of a purge is never deleted');
END;

CREATE TRIGGER purges_are_never_changed BEFORE UPDATE ON purges
BEGIN
  SELECT RAISE(ABORT, 'the record of a purge is never changed');
END;

CREATE TRIGGER purges_are_never_deleted BEFORE DELETE ON purges
BEGIN
  SELECT RAISE(ABORT, 'the record of a purge is never deleted');
END;

DROP TRIGGER events_are_never_deleted;
CREATE TRIGGER events_are_never_deleted BEFORE DELETE ON events
WHEN NOT EXISTS (SELECT 1 FROM purged WHERE thread_id = OLD.thread_id)
BEGIN
  SELECT RAISE(ABORT, 'events are never deleted');
END;
