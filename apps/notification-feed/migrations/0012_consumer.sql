-- Up Migration

-- How far named consumers of a squad's feed have acknowledged.
CREATE TABLE consumer (
  squad           text        NOT NULL,
  name            text        NOT NULL,
  epoch           text        NOT NULL,
  position        bigint      NOT NULL,
  acknowledged_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (squad, name)
);

-- Down Migration

DROP TABLE consumer;
