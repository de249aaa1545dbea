-- Up Migration
-- Slow enough that replicas which start together meet here.
SELECT pg_sleep(0.3);
ALTER TABLE items ADD COLUMN at timestamptz NOT NULL DEFAULT now();
