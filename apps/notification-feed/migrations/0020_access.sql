-- Up Migration

-- Tokens that the feed gives out. Only the hash is kept: whoever reads the table cannot call with what it holds.
CREATE TABLE access_token (
  id           text        PRIMARY KEY,
  sha256       bytea       NOT NULL UNIQUE CHECK (octet_length(sha256) = 32),
  squads       text[]      NOT NULL CHECK (cardinality(squads) > 0),
  scopes       text[]      NOT NULL CHECK (cardinality(scopes) > 0),
  note         text        NOT NULL,
  created_by   text        NOT NULL,
  created_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  expires_at   timestamptz,
  revoked_at   timestamptz,
  -- Exact to a minute: a token that is used all the time must not be written all the time.
  last_used_at timestamptz
);

CREATE INDEX access_token_created ON access_token (created_at DESC, id DESC);

-- What an auditor has to be told, written in the transaction of what it tells, and deleted once Kafka has it
-- (identity.audit): so nothing is told that did not happen, and nothing happens that is not told.
CREATE TABLE audit_event (
  position bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- Id of the event in Kafka: by it a reader knows an event that a crash made come twice.
  event_id uuid        NOT NULL DEFAULT gen_random_uuid(),
  actor    text        NOT NULL,
  action   text        NOT NULL,
  subject  text        NOT NULL,
  outcome  text        NOT NULL CHECK (outcome IN ('success', 'failure', 'denied')),
  at       timestamptz NOT NULL DEFAULT clock_timestamp()
);

-- Down Migration

DROP TABLE audit_event;
DROP TABLE access_token;
