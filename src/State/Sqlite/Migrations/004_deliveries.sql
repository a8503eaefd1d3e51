-- How people are told.
--
-- A row of `deliveries` is one message that is owed: a request, its reminder, its escalation to another channel, or
-- that it is closed. It is written in the transaction that writes the event it is about, and sent after the commit:
-- what is stored is told, and what was rolled back is not. Whoever sends a message first claims it, which moves
-- `due_at` to when the claim ends; a process that dies while it sends leaves a row that is due again by itself. So a
-- message is sent at least once, by one process at a time, and twice only when its sender died before it could say so.
--
-- `channel` is a name and nothing more: addresses, tokens and links are configuration and never get in here.
-- `reference` is what the channel calls the message it sent, so that what follows stays in the same conversation.
-- `received` holds the ids of the messages that came in, so that one that comes twice is taken once.

CREATE TABLE deliveries (
  thread_id TEXT    NOT NULL REFERENCES threads (thread_id),
  request   INTEGER NOT NULL CHECK (request > 0),
  channel   TEXT    NOT NULL CHECK (channel <> '' AND channel = lower(channel)),
  kind      TEXT    NOT NULL CHECK (kind IN ('request', 'reminder', 'escalation', 'closed')),
  -- dropped: no longer needed when its time came. abandoned: tried too often.
  state     TEXT    NOT NULL CHECK (state IN ('open', 'delivered', 'dropped', 'abandoned')),
  due_at    INTEGER,
  attempts  INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
  reference TEXT    CHECK (json_valid(reference)),
  error     TEXT,
  PRIMARY KEY (thread_id, request, channel, kind),
  CHECK ((state = 'open') = (due_at IS NOT NULL)),
  CHECK (attempts > 0 OR (state IN ('open', 'dropped') AND error IS NULL)),
  CHECK (state = 'delivered' OR reference IS NULL)
) STRICT, WITHOUT ROWID;

-- The next message of a channel, and when it is due.
CREATE INDEX deliveries_due ON deliveries (channel, due_at) WHERE state = 'open';

CREATE TABLE received (
  channel TEXT    NOT NULL CHECK (channel <> ''),
  id      TEXT    NOT NULL CHECK (id <> ''),
  at      INTEGER NOT NULL,
  PRIMARY KEY (channel, id)
) STRICT, WITHOUT ROWID;

-- Those that are too old to come again are forgotten.
CREATE INDEX received_by_age ON received (at);
