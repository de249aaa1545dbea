-- Up Migration

-- A difference between catalogue and cluster that nobody has planned, from its first sight to its end.
CREATE TABLE drift (
  id          uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
  cluster_id  text        NOT NULL,
  part        text        NOT NULL,
  resource    text        NOT NULL,
  field       text        NOT NULL,
  -- The squad that is told.
  owner       text        NOT NULL,
  class       text        NOT NULL,
  before      text,
  after       text,
  reason      text        NOT NULL,
  refused     text,
  first_seen  timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- Before the first attempt to tell of it: what was never tried need not be taken back.
  tried_at    timestamptz,
  reported_at timestamptz,
  resolved_at timestamptz,
  -- Nothing is left to be told: its end was told, or a later row stands in its place.
  closed_at   timestamptz
);

-- One open row for each difference, whoever writes it: a leader that does not know yet that it lost, too.
CREATE UNIQUE INDEX drift_open ON drift (cluster_id, resource, field) WHERE resolved_at IS NULL;
CREATE INDEX drift_untold ON drift (cluster_id, first_seen) WHERE closed_at IS NULL;

-- Down Migration

DROP TABLE drift;
