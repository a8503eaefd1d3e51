-- When somebody last had a further channel told of a request. Each such word is one more message, so there is a limit on
-- how soon the next may follow, which every process keeps. Null for a message that nobody asked for by hand.
ALTER TABLE deliveries ADD COLUMN escalated_at INTEGER CHECK (escalated_at IS NULL OR kind = 'escalation');
