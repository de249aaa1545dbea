-- Up Migration

-- The log in partitions, so that what is older than its retention is dropped and not deleted row by row. A unique
-- constraint of a partitioned table holds within a partition only; what has to be unique moves out of it.

-- Replicas of the version before go on writing until the lock is there. What they commit between the copy and the end would
-- be acknowledged in Kafka and in neither table.
LOCK TABLE notification IN SHARE ROW EXCLUSIVE MODE;

-- One row: what readers and writers have to know of the whole feed.
CREATE TABLE feed (
  singleton  boolean     PRIMARY KEY DEFAULT true CHECK (singleton),
  -- First part of every cursor. It changes when the log's past may have changed, as after a restore from a backup.
  epoch      text        NOT NULL CHECK (epoch ~ '^[0-9a-z]{8}$'),
  -- Position behind which this epoch begins.
  begins     bigint      NOT NULL DEFAULT 0,
  -- The last position that was given out.
  head       bigint      NOT NULL,
  created_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

INSERT INTO feed (epoch, head)
SELECT substr(md5(gen_random_uuid()::text), 1, 8), coalesce(max(position), 0) FROM notification;

-- Up to where, inclusive, notifications of a severity may be gone. Written before a partition is dropped, in a transaction
-- of its own: a reader that misses the rows has seen this.
CREATE TABLE feed_floor (
  severity text   PRIMARY KEY CHECK (severity IN ('info', 'warning', 'error', 'critical')),
  position bigint NOT NULL DEFAULT 0
);

INSERT INTO feed_floor (severity) VALUES ('info'), ('warning'), ('error'), ('critical');

CREATE TABLE notification_log (
  -- The feed's one order: weeks since 1970 times 2^40, plus a number that grows. Below 2^53, so that every language can
  -- hold it; a range of positions is a range of time, so that a partition can be dropped by its age.
  position      bigint      NOT NULL,
  origin        text        NOT NULL,
  -- Kafka coordinate, if it came from there.
  topic         text,
  partition     integer,
  record_offset bigint,
  -- Squads it is addressed to; '*' stands for all of them.
  squads        text[]      NOT NULL CHECK (cardinality(squads) > 0),
  source        text        NOT NULL,
  kind          text        NOT NULL,
  severity      text        NOT NULL CHECK (severity IN ('info', 'warning', 'error', 'critical')),
  title         text        NOT NULL,
  body          text        NOT NULL,
  link          text,
  dedupe_key    text        NOT NULL,
  metadata      jsonb       NOT NULL DEFAULT '{}',
  -- When it happened, as the producer says; and when the row was written.
  happened_at   timestamptz NOT NULL,
  stored_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (position, severity),
  CHECK (num_nulls(topic, partition, record_offset) IN (0, 3))
) PARTITION BY RANGE (position);

-- Rows are written in the order of their times: a few bytes per megabyte answer "since when".
CREATE INDEX notification_log_stored_at ON notification_log USING brin (stored_at) WITH (pages_per_range = 16);

-- Makes the partitions of a week, if they are not there. Attached and not created in place: that waits for nobody who reads.
CREATE FUNCTION feed_add_week(week bigint) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  name text := 'notification_log_w' || week;
  severity text;
BEGIN
  IF to_regclass(name) IS NOT NULL THEN RETURN; END IF;
  EXECUTE format('CREATE TABLE %I (LIKE notification_log INCLUDING ALL) PARTITION BY LIST (severity)', name);
  FOREACH severity IN ARRAY ARRAY['info', 'warning', 'error', 'critical'] LOOP
    EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES IN (%L)', name || '_' || severity, name, severity);
  END LOOP;
  EXECUTE format('ALTER TABLE notification_log ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)',
                 name, week << 40, (week + 1) << 40);
END $$;

-- Gives out the next positions and answers the first of them. Callers take turns (see adapters/notification-store.ts).
CREATE FUNCTION feed_take(count integer) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
  week bigint := floor(extract(epoch FROM clock_timestamp()) / 604800);
  first bigint;
BEGIN
  UPDATE feed SET head = greatest(head, week << 40) + count RETURNING head - count + 1 INTO first;
  PERFORM feed_add_week(first >> 40);
  RETURN first;
END $$;

-- Idempotency keys: what was stored under this origin is at this position.
CREATE TABLE notification_origin (
  origin   text   PRIMARY KEY,
  position bigint NOT NULL
);

CREATE INDEX notification_origin_position ON notification_origin USING brin (position) WITH (pages_per_range = 16);

-- What is there keeps its position. Numbers from before weeks are those of week 0; others are there when the log was taken
-- back and comes again.
SELECT feed_add_week(week) FROM (SELECT 0 AS week UNION SELECT position >> 40 FROM notification) AS weeks;
INSERT INTO notification_log
SELECT position, origin, topic, partition, record_offset, squads, source, kind, severity, title, body, link, dedupe_key,
       metadata, happened_at, stored_at
  FROM notification;
INSERT INTO notification_origin SELECT origin, position FROM notification;

-- Replicas of the version before, while they are replaced one by one, are told what they know how to handle: that the
-- database is not to be had (SQLSTATE 57P03). Their events wait in Kafka and their streams end, so that clients move on.
-- The table that their statements are planned against stays without rows, and goes with a later migration.
ALTER TABLE notification RENAME TO notification_before_log;
DELETE FROM notification_before_log;

CREATE FUNCTION notification_moved() RETURNS boolean STABLE LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a newer version of notification-feed keeps the feed now' USING ERRCODE = '57P03';
END $$;

CREATE FUNCTION notification_moved_insert() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM notification_moved();
  RETURN NULL;
END $$;

CREATE TRIGGER notification_moved BEFORE INSERT ON notification_before_log
  FOR EACH STATEMENT EXECUTE FUNCTION notification_moved_insert();

CREATE VIEW notification AS SELECT * FROM notification_before_log WHERE notification_moved();

-- Down Migration

LOCK TABLE notification_log IN SHARE ROW EXCLUSIVE MODE;
DROP VIEW notification;
DROP TRIGGER notification_moved ON notification_before_log;
DROP FUNCTION notification_moved_insert;
DROP FUNCTION notification_moved;
ALTER TABLE notification_before_log RENAME TO notification;
INSERT INTO notification (position, origin, topic, partition, record_offset, squads, source, kind, severity, title, body,
                          link, dedupe_key, metadata, happened_at, stored_at)
OVERRIDING SYSTEM VALUE
SELECT position, origin, topic, partition, record_offset, squads, source, kind, severity, title, body, link, dedupe_key,
       metadata, happened_at, stored_at
  FROM notification_log;
SELECT setval(pg_get_serial_sequence('notification', 'position'), greatest(head, 1)) FROM feed;
DROP TABLE notification_log;
DROP TABLE notification_origin;
DROP FUNCTION feed_take;
DROP FUNCTION feed_add_week;
DROP TABLE feed_floor;
DROP TABLE feed;
