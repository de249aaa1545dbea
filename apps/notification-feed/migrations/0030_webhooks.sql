-- Up Migration

CREATE TABLE webhook (
  id            uuid        PRIMARY KEY,
  squad         text        NOT NULL,
  url           text        NOT NULL,
  description   text        NOT NULL,
  -- Exact, or `prefix.*`; empty stands for all of them.
  kinds         text[]      NOT NULL,
  min_severity  text        NOT NULL CHECK (min_severity IN ('info', 'warning', 'error', 'critical')),
  state         text        NOT NULL CHECK (state IN ('active', 'disabled')),
  state_reason  text        CHECK (state_reason IN ('requested', 'gone', 'failing')),
  state_since   timestamptz NOT NULL,
  -- Position in the feed up to which deliveries were made. Not a foreign key: rows of the feed are dropped with their
  -- partition.
  cursor        bigint      NOT NULL,
  -- Begin of the failures that no success has ended yet.
  failing_since timestamptz,
  created_by    text        NOT NULL,
  created_at    timestamptz NOT NULL
);

CREATE INDEX webhook_squad ON webhook (squad, created_at);
-- The dispatcher looks for webhooks that are behind.
CREATE INDEX webhook_cursor ON webhook (cursor) WHERE state = 'active';

CREATE TABLE webhook_key (
  id         uuid        PRIMARY KEY,
  webhook    uuid        NOT NULL REFERENCES webhook ON DELETE CASCADE,
  kind       text        NOT NULL CHECK (kind IN ('hmac', 'ed25519')),
  -- Secret of an hmac key, private half of an ed25519 one: AES-256-GCM under FEED_WEBHOOK_KEY.
  sealed     bytea       NOT NULL,
  public_key text,
  created_at timestamptz NOT NULL,
  expires_at timestamptz
);

CREATE INDEX webhook_key_webhook ON webhook_key (webhook);

-- One message for one webhook, from the moment that the cursor passes it. It is kept as the log when it is over.
CREATE TABLE webhook_delivery (
  id              uuid        PRIMARY KEY,
  webhook         uuid        NOT NULL REFERENCES webhook ON DELETE CASCADE,
  -- `webhook-id`: the same whenever the same row of the feed is sent.
  message_id      text        NOT NULL,
  kind            text        NOT NULL,
  -- Null for a test, which is no row of the feed.
  position        bigint,
  outcome         text        NOT NULL CHECK (outcome IN ('pending', 'delivered', 'failed')),
  -- Of this round: a replay and a retry by hand begin anew.
  attempts        integer     NOT NULL,
  first_attempt_at timestamptz,
  -- While it is being sent, the time at which another replica takes over.
  due_at          timestamptz,
  -- Whoever sends it: what comes back from a claim that somebody took over is not written.
  claim           uuid,
  created_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
  CHECK ((outcome = 'pending') = (due_at IS NOT NULL)),
  -- The cursor may pass a row twice, when it was set back for a replay: it is one delivery.
  UNIQUE (webhook, position)
);

CREATE INDEX webhook_delivery_due ON webhook_delivery (webhook, due_at) WHERE outcome = 'pending';
CREATE INDEX webhook_delivery_log ON webhook_delivery (webhook, created_at, id);
CREATE INDEX webhook_delivery_age ON webhook_delivery (created_at);

CREATE TABLE webhook_attempt (
  id          bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  delivery    uuid        NOT NULL REFERENCES webhook_delivery ON DELETE CASCADE,
  at          timestamptz NOT NULL,
  status      integer,
  error       text,
  duration_ms integer     NOT NULL
);

CREATE INDEX webhook_attempt_delivery ON webhook_attempt (delivery);

-- Down Migration

DROP TABLE webhook_attempt;
DROP TABLE webhook_delivery;
DROP TABLE webhook_key;
DROP TABLE webhook;
