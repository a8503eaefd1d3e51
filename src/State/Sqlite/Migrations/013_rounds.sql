-- The same message once more, with another word.
--
-- What is escalated again by hand, or closed again because a message arrived late, is a message of its own in the row of
-- the one before: `round` sets their ids apart. `attempts` fences a claim and so only grows; `spent` are those that do not
-- count, being of earlier rounds or of processes without that channel. `earlier` holds the references of what was delivered in those, null where the channel
-- has no name for it, so that all of them are rewritten when the request is closed.
ALTER TABLE deliveries ADD COLUMN round INTEGER NOT NULL DEFAULT 0 CHECK (round >= 0);
ALTER TABLE deliveries ADD COLUMN spent INTEGER NOT NULL DEFAULT 0 CHECK (spent BETWEEN 0 AND attempts);
ALTER TABLE deliveries ADD COLUMN earlier TEXT CHECK (json_array_length(earlier) > 0);
