-- Calls that have something under way elsewhere.
--
-- The log says what a thread waits for; it does not say when somebody last looked whether that was settled elsewhere,
-- and need not: a look changes nothing. A row is there from before such a call begins until it is over, also when the
-- thread was cancelled in between, for then the other end has to be told. Of the processes on this database one looks
-- at a time: whoever moves next_at on.
CREATE TABLE relays (
  thread_id TEXT NOT NULL REFERENCES threads (thread_id) ON DELETE CASCADE,
  call      INTEGER NOT NULL CHECK (call > 0),
  next_at   INTEGER NOT NULL CHECK (next_at >= 0),
  looks     INTEGER NOT NULL DEFAULT 0 CHECK (looks >= 0),
  PRIMARY KEY (thread_id, call)
) STRICT, WITHOUT ROWID;

-- Relays.Due.
CREATE INDEX relays_due ON relays (next_at);
