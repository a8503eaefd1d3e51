-- Who runs a thread.
--
-- A lease is the right of one process to run one thread. Its token only ever grows, and an append made under a lease
-- names it: a process that was asleep while another took over finds its token gone and its append refused.
-- A process keeps all of its leases alive with one row in `owners`. Once that row has expired, or the process is
-- gone, anyone may take the thread over.

CREATE TABLE owners (
  owner      TEXT    NOT NULL PRIMARY KEY,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE leases (
  token     INTEGER PRIMARY KEY AUTOINCREMENT,
  thread_id TEXT NOT NULL UNIQUE REFERENCES threads (thread_id),
  owner     TEXT NOT NULL
) STRICT;
