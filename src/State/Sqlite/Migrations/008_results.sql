-- Results that may be used again.
--
-- A read-only tool can be given a lifetime for its results. They are looked for in the logs themselves, so nothing is
-- stored twice and nothing has to be thrown away; this index finds those that are young enough (StoredResults).
CREATE INDEX events_returned ON events (json_extract(data, '$.at')) WHERE type = 'tool_returned';
