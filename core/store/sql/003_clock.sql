-- The clock of a case: on which calendar it runs, what was promised, why it stands.
ALTER TABLE kase ADD COLUMN clock INT;        -- enum clock: none, running, paused, stopped
ALTER TABLE kase ADD COLUMN started INT;      -- when it began: mostly the customer's own time
ALTER TABLE kase ADD COLUMN soon INT;         -- when it is due soon
ALTER TABLE kase ADD COLUMN promised INT;     -- the first due of what waits, whatever clocks followed
ALTER TABLE kase ADD COLUMN answered_at INT;  -- by the time of who answered
ALTER TABLE kase ADD COLUMN calendar INT;     -- blob: the compiled calendar; NULL: every minute counts
ALTER TABLE kase ADD COLUMN named TEXT;       -- the calendar that the policy named, else the department's
ALTER TABLE kase ADD COLUMN paused TEXT;      -- why it stands
-- A follow-up is dead once the person wrote after the entry that wished it.
ALTER TABLE timer ADD COLUMN seq INT;
