-- Who writes again soon after the end comes back to the same case.
ALTER TABLE contact ADD COLUMN last_kase INT;   -- the one that was closed last
ALTER TABLE contact ADD COLUMN closed_at INT;   -- and when
