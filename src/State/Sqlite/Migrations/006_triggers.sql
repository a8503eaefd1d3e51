-- What starts threads besides a call.
--
-- A row of `arrivals` is a message that came in through a trigger. It is stored before its sender is told that it was
-- taken, and worked on after that, by whichever process claims it: the claim moves `due_at` to when it ends, so what a
-- process that dies has claimed is due again by itself. A message is used up in the transaction that writes what
-- follows from it, so it starts one thread or says one thing, however often it came or was tried. What it said is then
-- in the thread, and here only its id is kept for a while: that is how a repetition is known.
--
-- `places` is where a thread came from and where its replies go: a Slack thread, a mail to answer. Contact details are
-- kept here, beside the log and never in it, so no prompt and no result can hold them. A place that is learnt later is
-- another row; the newest counts.
--
-- `schedules` holds when an agent is due next. Firing moves `due_at` on in the transaction that starts the thread, so of
-- all the processes that see it due one starts it.

CREATE TABLE arrivals (
  source       TEXT    NOT NULL CHECK (source <> ''),
  id           TEXT    NOT NULL CHECK (id <> ''),
  at           INTEGER NOT NULL,
  -- Messages of one conversation are taken in the order they came.
  conversation TEXT,
  state        TEXT    NOT NULL CHECK (state IN ('open', 'done', 'refused')),
  due_at       INTEGER,
  attempts     INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
  data         TEXT    CHECK (json_valid(data)),
  error        TEXT,
  thread_id    TEXT    REFERENCES threads (thread_id),
  PRIMARY KEY (source, id),
  CHECK ((state = 'open') = (due_at IS NOT NULL)),
  CHECK ((state = 'open') = (data IS NOT NULL)),
  CHECK (state <> 'refused' OR error IS NOT NULL)
) STRICT, WITHOUT ROWID;

-- The next message to work on, and whether one of its conversation is before it.
CREATE INDEX arrivals_due ON arrivals (source, at) WHERE state = 'open';
-- Those that are too old to come again are forgotten.
CREATE INDEX arrivals_by_age ON arrivals (at);

CREATE TABLE places (
  thread_id    TEXT    NOT NULL REFERENCES threads (thread_id),
  -- The version the thread had when this was learnt.
  since        INTEGER NOT NULL CHECK (since > 0),
  source       TEXT    NOT NULL CHECK (source <> ''),
  conversation TEXT,
  -- The channel through which replies go; null when nobody is told.
  channel      TEXT    CHECK (channel <> '' AND channel = lower(channel)),
  place        TEXT    NOT NULL CHECK (json_valid(place)),
  PRIMARY KEY (thread_id, since)
) STRICT, WITHOUT ROWID;

-- Which thread a conversation belongs to.
CREATE INDEX places_by_conversation ON places (source, conversation) WHERE conversation IS NOT NULL;

CREATE TRIGGER places_are_never_changed BEFORE UPDATE ON places
BEGIN
  SELECT RAISE(ABORT, 'places are never changed');
END;

CREATE TABLE schedules (
  agent      TEXT    NOT NULL PRIMARY KEY CHECK (agent <> ''),
  -- What due_at follows from: when the agent's file says something else, it begins anew.
  expression TEXT    NOT NULL CHECK (expression <> ''),
  due_at     INTEGER NOT NULL,
  -- The latest firing: when it was due, and what it started.
  fired_for  INTEGER,
  thread_id  TEXT    REFERENCES threads (thread_id),
  CHECK ((fired_for IS NULL) = (thread_id IS NULL))
) STRICT, WITHOUT ROWID;

-- Two more kinds of messages are owed: what a thread asks is also told where the thread came from (reply), and so is how
-- it ended (ended). The table is made anew because SQLite cannot change a CHECK.
CREATE TABLE deliveries_with_replies (
  thread_id TEXT    NOT NULL REFERENCES threads (thread_id),
  request   INTEGER NOT NULL CHECK (request > 0),
  channel   TEXT    NOT NULL CHECK (channel <> '' AND channel = lower(channel)),
  kind      TEXT    NOT NULL CHECK (kind IN ('request', 'reminder', 'escalation', 'closed', 'reply', 'ended')),
  -- dropped: no longer needed when its time came. abandoned: tried too often.
  state     TEXT    NOT NULL CHECK (state IN ('open', 'delivered', 'dropped', 'abandoned')),
  due_at    INTEGER,
  attempts  INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
  reference TEXT    CHECK (json_valid(reference)),
  error     TEXT,
  -- What somebody who escalates it says with it.
  note      TEXT    CHECK (note IS NULL OR kind = 'escalation'),
  PRIMARY KEY (thread_id, request, channel, kind),
  CHECK ((state = 'open') = (due_at IS NOT NULL)),
  CHECK (attempts > 0 OR (state IN ('open', 'dropped') AND error IS NULL)),
  CHECK (state = 'delivered' OR reference IS NULL)
) STRICT, WITHOUT ROWID;

INSERT INTO deliveries_with_replies SELECT * FROM deliveries;
DROP TABLE deliveries;
ALTER TABLE deliveries_with_replies RENAME TO deliveries;

CREATE INDEX deliveries_due ON deliveries (channel, due_at) WHERE state = 'open';
