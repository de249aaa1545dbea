-- Up Migration

-- Offsets that rules have seen. Written in the transaction that writes what came of them.
CREATE TABLE rule_progress (
  topic     text           NOT NULL,
  partition integer        NOT NULL,
  done      int8multirange NOT NULL,
  PRIMARY KEY (topic, partition)
);

-- What came together in one window of one group of a rule.
CREATE TABLE rule_window (
  rule         text        NOT NULL,
  group_values text        NOT NULL,
  starts_at    timestamptz NOT NULL,
  ends_at      timestamptz NOT NULL,
  count        bigint      NOT NULL,
  -- Whole, and larger than 64 bits when it has to be.
  sum          numeric     NOT NULL,
  told         boolean     NOT NULL,
  touched_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (rule, group_values, starts_at)
);

CREATE INDEX rule_window_ends_at ON rule_window (ends_at);

-- What a rule with a limit has sent lately: milliseconds since the epoch, no more of them than its limit.
CREATE TABLE rule_sent (
  rule       text     PRIMARY KEY,
  at         bigint[] NOT NULL,
  suppressed bigint   NOT NULL
);

-- Notifications that wait for the end of quiet hours.
CREATE TABLE rule_held (
  origin text        PRIMARY KEY,
  due    timestamptz NOT NULL,
  entry  jsonb       NOT NULL
);

CREATE INDEX rule_held_due ON rule_held (due);

-- Down Migration

DROP TABLE rule_held;
DROP TABLE rule_sent;
DROP TABLE rule_window;
DROP TABLE rule_progress;
