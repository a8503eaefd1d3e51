-- Threads that call threads.
--
-- A caller waits for one child at a time, and the request it waits with names the child. When the child ends its
-- caller is told at once; a process that dies in between leaves two rows that do not fit, and these indexes find them.
-- Both hold only what is under way.

-- Callers that wait for a child (WaitingForTheEnded).
CREATE INDEX threads_waiting_for_a_child ON threads (thread_id) WHERE kind = 'child';

-- Children under way, by their caller (OpenChildren, Abandoned).
CREATE INDEX threads_open_children ON threads (parent_id)
  WHERE parent_id IS NOT NULL AND status IN ('running', 'pending');
