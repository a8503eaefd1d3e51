-- How a thread lives and waits.
--
-- A thread is its rows in `events`: numbered from 1, never changed, never deleted. Where it stands, what it waits
-- for and what it may do next is the fold of those rows and nothing else. A row is written before what it announces
-- is done, so a process that dies at any moment leaves a log from which another one goes on.
--
-- Two processes that write at once meet in the primary key: both offer version n, one insert fails, and that failure
-- is the whole of the concurrency control. The event's type is generated from its JSON, so the two cannot disagree.
--
-- `threads` holds one row a thread for listing and finding work. It is written in the transaction that writes the
-- events and can be rebuilt from them (doctor checks that it is right). `definitions` holds what an agent was when a
-- thread began, by hash. `idempotency_keys` maps a caller's key to the thread it started.
--
-- Times are milliseconds since 1970, UTC.

CREATE TABLE events (
  thread_id TEXT    NOT NULL CHECK (length(thread_id) = 36 AND thread_id GLOB 'thr_*'),
  version   INTEGER NOT NULL CHECK (version > 0),
  data      TEXT    NOT NULL CHECK (json_valid(data)),
  type      TEXT    NOT NULL GENERATED ALWAYS AS (json_extract(data, '$.type')) VIRTUAL,
  PRIMARY KEY (thread_id, version)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER events_are_never_changed BEFORE UPDATE ON events
BEGIN
  SELECT RAISE(ABORT, 'events are never changed');
END;

CREATE TRIGGER events_are_never_deleted BEFORE DELETE ON events
BEGIN
  SELECT RAISE(ABORT, 'events are never deleted');
END;

CREATE TABLE threads (
  thread_id  TEXT    NOT NULL PRIMARY KEY CHECK (length(thread_id) = 36),
  agent      TEXT    NOT NULL CHECK (agent <> ''),
  principal  TEXT    NOT NULL CHECK (principal <> ''),
  status     TEXT    NOT NULL CHECK (status IN ('running', 'pending', 'completed', 'failed', 'cancelled')),
  kind       TEXT    CHECK (kind IN ('question', 'approval', 'external_result', 'child', 'budget', 'next_step', 'in_doubt', 'sleep')),
  version    INTEGER NOT NULL CHECK (version > 0),
  parent_id  TEXT,
  root_id    TEXT    NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  due_at     INTEGER,
  CHECK ((status = 'pending') = (kind IS NOT NULL)),
  CHECK (due_at IS NULL OR status = 'pending')
) STRICT, WITHOUT ROWID;

-- list_threads: newest first, filtered by one of these, paged by thread id (ids order by start time).
CREATE INDEX threads_by_principal ON threads (principal, thread_id);
CREATE INDEX threads_by_status    ON threads (principal, status, thread_id);
CREATE INDEX threads_by_agent     ON threads (principal, agent, thread_id);
-- Recovery: what can run on, and what is due.
CREATE INDEX threads_running ON threads (thread_id) WHERE status = 'running';
CREATE INDEX threads_due     ON threads (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE definitions (
  hash TEXT NOT NULL PRIMARY KEY CHECK (hash GLOB 'sha256:*'),
  data TEXT NOT NULL CHECK (json_valid(data))
) STRICT, WITHOUT ROWID;

CREATE TABLE idempotency_keys (
  principal  TEXT NOT NULL,
  key        TEXT NOT NULL CHECK (key <> ''),
  thread_id  TEXT NOT NULL REFERENCES threads (thread_id),
  -- What the key stood for: the same key with another agent or input is refused.
  call       TEXT NOT NULL,
  PRIMARY KEY (principal, key)
) STRICT, WITHOUT ROWID;
