-- Workflows.
--
-- A workflow may wait for several children at once, beside requests of other kinds, and work meanwhile. Its `kind` names
-- one thing it waits for; `children` counts the children among them, so that one that has ended and could not tell is
-- found whatever else is open. Null for agents, which wait for one thing, and while no child is waited for.

ALTER TABLE threads ADD COLUMN children INTEGER CHECK (children > 0);

-- Agents that wait for a child, and nothing but them: whether a workflow has to be told cannot be seen from its latest request.
DROP INDEX threads_waiting_for_a_child;
CREATE INDEX threads_waiting_for_a_child ON threads (thread_id, children) WHERE kind = 'child' AND children IS NULL;

-- Workflows that wait for children (WaitingForTheEnded).
CREATE INDEX threads_of_workflows_with_children ON threads (thread_id) WHERE children > 0;
