-- Who may come in.
--
-- A key is shown once, when it is made; here is its hash, from which nobody gets it back: it is 256 random bits, so a
-- plain SHA-256 is as good as a slow one. A row is never deleted and never changed but for the time at which the key
-- was taken back, so what was done with it can be traced for as long as there is the database. Of a name there is one
-- key at a time; a later one of the same name is the same principal.
CREATE TABLE api_keys (
  id         TEXT    NOT NULL PRIMARY KEY CHECK (length(id) = 12 AND id NOT GLOB '*[^0-9a-f]*'),
  name       TEXT    NOT NULL CHECK (name <> '' AND name <> 'local'),
  hash       BLOB    NOT NULL CHECK (length(hash) = 32),
  roles      TEXT    NOT NULL CHECK (json_valid(roles) AND json_array_length(roles) > 0),
  -- The agents it is limited to; null for all that its roles and name are allowed.
  agents     TEXT    CHECK (json_valid(agents) AND json_array_length(agents) > 0),
  created_at INTEGER NOT NULL,
  expires_at INTEGER CHECK (expires_at > created_at),
  revoked_at INTEGER CHECK (revoked_at >= created_at)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX api_keys_in_force ON api_keys (name) WHERE revoked_at IS NULL;

CREATE TRIGGER api_keys_are_only_revoked BEFORE UPDATE ON api_keys
WHEN OLD.revoked_at IS NOT NULL OR NEW.revoked_at IS NULL OR NEW.id <> OLD.id OR NEW.name <> OLD.name OR NEW.hash <> OLD.hash
  OR NEW.roles <> OLD.roles OR NEW.agents IS NOT OLD.agents OR NEW.created_at <> OLD.created_at OR NEW.expires_at IS NOT OLD.expires_at
BEGIN
  SELECT RAISE(ABORT, 'a key is never changed but for being revoked, once');
END;

CREATE TRIGGER api_keys_are_never_deleted BEFORE DELETE ON api_keys
BEGIN
  SELECT RAISE(ABORT, 'keys are never deleted');
END;

-- What was done that no thread's log can tell: with keys, and to logs themselves. The audit trail is these rows
-- between the events that say who started, answered, cancelled or forked.
CREATE TABLE audit (
  at      INTEGER NOT NULL,
  action  TEXT    NOT NULL CHECK (action <> ''),
  by      TEXT    NOT NULL CHECK (by <> ''),
  channel TEXT    NOT NULL CHECK (channel <> ''),
  data    TEXT    NOT NULL CHECK (json_valid(data))
) STRICT;

CREATE TRIGGER audit_is_never_changed BEFORE UPDATE ON audit
BEGIN
  SELECT RAISE(ABORT, 'the audit trail is never changed');
END;

CREATE TRIGGER audit_is_never_deleted BEFORE DELETE ON audit
BEGIN
  SELECT RAISE(ABORT, 'the audit trail is never deleted');
END;
