-- Up Migration

-- A plan that somebody means to apply, and what became of it. Plans that were only looked at are not kept.
CREATE TABLE plan (
  id           uuid        PRIMARY KEY DEFAULT gen_random_uuid(),
  cluster_id   text        NOT NULL,
  environment  text        NOT NULL,
  -- Identifies the state that the plan was made from and what it does (core/fingerprint.ts).
  fingerprint  text        NOT NULL,
  -- What of it may be applied: {"only": [...], "allow": [...], "deletions": [...], "force": false}.
  selection    jsonb       NOT NULL,
  state        text        NOT NULL CHECK (state IN ('draft', 'approved', 'applying', 'ended')),
  created_by   text        NOT NULL,
  created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  approved_by  text,
  approved_at  timestamptz,
  -- Changes with every process that works on it: what an older one still writes is refused.
  runner       uuid,
  applied_by   text,
  started_at   timestamptz,
  ended_at     timestamptz
);

CREATE INDEX plan_unfinished ON plan (cluster_id) WHERE state = 'applying';

-- One change of a plan. `started` is written before the servers are asked and the outcome after they answered, so that
-- a crash leaves in doubt only what was under way; one look at the cluster clears that up.
CREATE TABLE plan_item (
  plan_id    uuid        NOT NULL REFERENCES plan ON DELETE CASCADE,
  position   integer     NOT NULL,
  resource   text        NOT NULL,
  field      text        NOT NULL,
  before     text,
  after      text,
  class      text        NOT NULL,
  -- The whole change, mutation included.
  change     jsonb       NOT NULL,
  state      text        NOT NULL CHECK (state IN ('planned', 'left', 'pending', 'started', 'done', 'failed')),
  -- How often the servers were asked for it.
  attempts   integer     NOT NULL DEFAULT 0,
  error      text,
  message    text,
  -- What was there before a deletion: configs, rights, schemas, offsets of groups.
  manifest   jsonb,
  started_at timestamptz,
  ended_at   timestamptz,
  PRIMARY KEY (plan_id, position)
);

-- Down Migration

DROP TABLE plan_item;
DROP TABLE plan;
