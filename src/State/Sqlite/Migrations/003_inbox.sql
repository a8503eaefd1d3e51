-- What a person looks at all day.
--
-- Both indexes hold few rows (threads that wait for a person, and threads that another one started), so that a thread
-- that runs through costs nothing more.

-- The inbox, newest question first. A thread that asks was last changed when it asked.
CREATE INDEX threads_asking ON threads (principal, updated_at, thread_id, agent, kind)
  WHERE kind IN ('question', 'approval', 'external_result', 'budget', 'in_doubt');

-- The tree of a thread: all that descends from its root.
CREATE INDEX threads_of_a_root ON threads (root_id, thread_id) WHERE parent_id IS NOT NULL;
