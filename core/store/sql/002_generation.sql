-- The story of a generation: how long it was live, what it decided, what became of it. Rows of
-- refused ones are kept too, for a while.
ALTER TABLE generation ADD COLUMN ended INT;      -- when another took its place, or it was refused
ALTER TABLE generation ADD COLUMN decisions INT;
ALTER TABLE generation ADD COLUMN held INT;       -- of them: by a budget, an error, a death
ALTER TABLE generation ADD COLUMN back INT;       -- a step back: the generation it is the same as
ALTER TABLE generation ADD COLUMN undone INT;     -- it was taken back
CREATE INDEX generation_manifest ON generation(manifest);
CREATE INDEX generation_report ON generation(report);
