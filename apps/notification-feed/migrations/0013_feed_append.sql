-- Up Migration

-- Stores what is not stored yet, and answers where each entry is. One statement for what writers take turns for: the turn
-- ends with it, whatever the process that called it does meanwhile.
CREATE FUNCTION feed_append(entries jsonb) RETURNS TABLE (entry_origin text, entry_position text, entry_is_new boolean)
LANGUAGE plpgsql AS $$
DECLARE
  first bigint;
BEGIN
  -- The key of adapters/notification-store.ts.
  PERFORM pg_advisory_xact_lock(1717921124);
  first := feed_take(jsonb_array_length(entries));
  RETURN QUERY
  WITH entry AS (
    -- Of a batch with the same origin twice the first is the one that counts.
    SELECT DISTINCT ON (origin) *
      FROM ROWS FROM (jsonb_to_recordset(entries)
        AS (origin text, topic text, partition integer, record_offset bigint, squads jsonb, source text, kind text,
            severity text, title text, body text, link text, dedupe_key text, metadata jsonb, happened_at timestamptz))
      WITH ORDINALITY
     ORDER BY origin, ordinality
  ), fresh AS (
    INSERT INTO notification_origin AS known (origin, position)
    SELECT origin, first + ordinality - 1 FROM entry
    ON CONFLICT (origin) DO NOTHING
    RETURNING known.origin, known.position
  ), written AS (
    INSERT INTO notification_log (position, origin, topic, partition, record_offset, squads, source, kind, severity, title,
                                  body, link, dedupe_key, metadata, happened_at)
    SELECT fresh.position, origin, topic, partition, record_offset, ARRAY(SELECT jsonb_array_elements_text(squads)),
           source, kind, severity, title, body, link, dedupe_key, metadata, happened_at
      FROM entry JOIN fresh USING (origin)
     ORDER BY fresh.position
  )
  SELECT entry.origin, coalesce(fresh.position, known.position)::text, fresh.position IS NOT NULL
    FROM entry LEFT JOIN fresh USING (origin) LEFT JOIN notification_origin known USING (origin);
END $$;

-- Down Migration

DROP FUNCTION feed_append;
