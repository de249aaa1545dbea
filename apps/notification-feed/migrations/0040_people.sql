-- Up Migration

-- What people have done with notifications. Each table names a notification by its position and nothing else: rows of the
-- feed are dropped with their partition, and a foreign key would have each of them looked at. What is addressed to every
-- squad is acknowledged, assigned and read by each for itself: the squad is a part of every key.

-- Up to here a person has read everything of a squad; grows only.
CREATE TABLE read_mark (
  squad  text   NOT NULL,
  person text   NOT NULL,
  up_to  bigint NOT NULL,
  PRIMARY KEY (squad, person)
);

-- What a person has read above the mark. Leaves when the mark has come by.
CREATE TABLE read_position (
  squad    text   NOT NULL,
  person   text   NOT NULL,
  position bigint NOT NULL,
  PRIMARY KEY (squad, person, position)
);

CREATE TABLE snooze (
  squad    text        NOT NULL,
  person   text        NOT NULL,
  position bigint      NOT NULL,
  until    timestamptz NOT NULL,
  PRIMARY KEY (squad, person, position)
);

-- What a person does not want to see; what is null does not matter.
CREATE TABLE mute (
  squad      text        NOT NULL,
  person     text        NOT NULL,
  -- Made of what is muted: muting the same again changes its time.
  id         text        NOT NULL,
  -- A kind, or all that begin alike: `drill.*`.
  kind       text,
  source     text,
  dedupe_key text,
  until      timestamptz,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (squad, person, id),
  CHECK (num_nonnulls(kind, source, dedupe_key) > 0)
);

CREATE TABLE acknowledgement (
  squad    text        NOT NULL,
  position bigint      NOT NULL,
  by       text        NOT NULL,
  at       timestamptz NOT NULL DEFAULT clock_timestamp(),
  note     text,
  PRIMARY KEY (squad, position)
);

CREATE TABLE assignment (
  squad    text        NOT NULL,
  position bigint      NOT NULL,
  assignee text        NOT NULL,
  by       text        NOT NULL,
  at       timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (squad, position)
);

-- Who acknowledged and assigned what, and who took it back; nothing is ever changed here.
CREATE TABLE response_history (
  id       bigint      GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  squad    text        NOT NULL,
  position bigint      NOT NULL,
  act      text        NOT NULL CHECK (act IN ('acknowledged', 'withdrawn', 'assigned', 'unassigned')),
  by       text        NOT NULL,
  at       timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- The note, or the assignee.
  detail   text
);

CREATE INDEX response_history_position ON response_history (position, squad);

-- Criticals of which it was told that a squad has not acknowledged them.
CREATE TABLE escalation (
  squad    text   NOT NULL,
  position bigint NOT NULL,
  PRIMARY KEY (squad, position)
);

-- The scheduled time of a squad's last digest, also of one that would have been empty.
CREATE TABLE digest (
  squad   text        PRIMARY KEY,
  handled timestamptz NOT NULL
);

-- Down Migration

DROP TABLE digest;
DROP TABLE escalation;
DROP TABLE response_history;
DROP TABLE assignment;
DROP TABLE acknowledgement;
DROP TABLE mute;
DROP TABLE snooze;
DROP TABLE read_position;
DROP TABLE read_mark;
