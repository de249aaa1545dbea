-- Up Migration

-- Idempotency key of a notification, whatever way it came in: `kafka:<topic>/<partition>/<offset>` for an event,
-- `http:…`, `cloudevents:…` and `alertmanager:…` for what is posted (see core/origin.ts).
ALTER TABLE notification
  ADD COLUMN origin text,
  ALTER COLUMN topic DROP NOT NULL,
  ALTER COLUMN partition DROP NOT NULL,
  ALTER COLUMN record_offset DROP NOT NULL;

-- While replicas are replaced one by one, old ones insert without an origin, and for a while longer if the update is
-- rolled back. A default cannot look at other columns and a generated column would take no key of a request, so a
-- trigger fills it in. Old replicas name the constraint over the coordinate in ON CONFLICT: it stays, and lets rows
-- without a coordinate pass, because their nulls are distinct.
CREATE FUNCTION notification_origin() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  NEW.origin := 'kafka:' || NEW.topic || '/' || NEW.partition || '/' || NEW.record_offset;
  RETURN NEW;
END $$;

CREATE TRIGGER notification_origin BEFORE INSERT ON notification
  FOR EACH ROW WHEN (NEW.origin IS NULL) EXECUTE FUNCTION notification_origin();

UPDATE notification SET origin = 'kafka:' || topic || '/' || partition || '/' || record_offset;

ALTER TABLE notification
  ALTER COLUMN origin SET NOT NULL,
  ADD CONSTRAINT notification_origin_key UNIQUE (origin),
  ADD CONSTRAINT notification_coordinate CHECK (num_nulls(topic, partition, record_offset) IN (0, 3));

-- Requests with an Idempotency-Key and what was answered, written together with their notifications: a repeat gets the
-- same answer. Kept as long as the notifications are; a row is smaller than one of those.
CREATE TABLE request (
  caller          text        NOT NULL,
  idempotency_key text        NOT NULL,
  -- SHA-256 of what was asked for, so that the same key with something else is told apart.
  fingerprint     text        NOT NULL,
  placements      jsonb       NOT NULL,
  stored_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (caller, idempotency_key)
);

-- Down Migration

DROP TABLE request;
DROP TRIGGER notification_origin ON notification;
DROP FUNCTION notification_origin;

-- What has no coordinate has no place in the table as it was.
DELETE FROM notification WHERE topic IS NULL;
ALTER TABLE notification
  DROP CONSTRAINT notification_coordinate,
  DROP COLUMN origin,
  ALTER COLUMN topic SET NOT NULL,
  ALTER COLUMN partition SET NOT NULL,
  ALTER COLUMN record_offset SET NOT NULL;
