-- For what a reply of a rule waits, where it waits for its turn: enum turn_for of flow/ceiling.h.
ALTER TABLE action ADD COLUMN turn INT;
UPDATE action SET turn = CASE WHEN reason LIKE '%(limits.hour)%' THEN 2 ELSE 1 END
 WHERE state = 1 AND reason LIKE 'waits for its turn:%';
