-- Up Migration

-- One row per thing that happened. `position` is the feed's one order: writers take turns (see adapters/
-- notification-store.ts), so a reader that has seen position n will never meet a smaller one later.
CREATE TABLE notification (
  position     bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  -- Kafka coordinate: what makes a redelivered event the same notification.
  topic        text        NOT NULL,
  partition    integer     NOT NULL,
  record_offset bigint     NOT NULL,
  -- Squads it is addressed to; '*' stands for all of them.
  squads       text[]      NOT NULL CHECK (cardinality(squads) > 0),
  source       text        NOT NULL,
  kind         text        NOT NULL,
  severity     text        NOT NULL CHECK (severity IN ('info', 'warning', 'error', 'critical')),
  title        text        NOT NULL,
  body         text        NOT NULL,
  link         text,
  dedupe_key   text        NOT NULL,
  metadata     jsonb       NOT NULL DEFAULT '{}',
  -- When it happened, as the producer says; and when the row was written.
  happened_at  timestamptz NOT NULL,
  stored_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
  UNIQUE (topic, partition, record_offset)
);

CREATE INDEX notification_squads ON notification USING gin (squads);

-- Down Migration

DROP TABLE notification;
