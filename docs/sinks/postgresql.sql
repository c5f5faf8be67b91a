-- Halligan audit log in PostgreSQL (11 or newer): append-only tables, and the one function that fills them.
--
-- Run once as a superuser in the database that shall hold the log:
--
--     psql --set ON_ERROR_STOP=1 --dbname audit --file postgresql.sql
--
-- Then a login per station, which station it is the login of, and a place for auditors to read:
--
--     CREATE ROLE station_paris LOGIN PASSWORD '...';
--     GRANT halligan_writer TO station_paris;
--     INSERT INTO halligan.writers (station, writer) VALUES ('STATION-ID', 'station_paris');
--     GRANT halligan_reader TO some_auditor;
--
-- A station's id is the last part of the first line of its checkpoints (22 characters).
--
-- The schema's name stands in the next two statements and nowhere else: change it there if the sink's settings name another.

BEGIN;
CREATE SCHEMA halligan;
SET LOCAL search_path = halligan, pg_temp;

DO $$
DECLARE
  wanted text;
BEGIN
  -- Roles belong to the whole server: another schema may have brought them already.
  FOREACH wanted IN ARRAY ARRAY['halligan_owner', 'halligan_writer', 'halligan_reader'] LOOP
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
      EXECUTE format('CREATE ROLE %I NOLOGIN', wanted);
    END IF;
  END LOOP;
  EXECUTE format('ALTER SCHEMA %I OWNER TO halligan_owner', current_schema());
  EXECUTE format('GRANT USAGE ON SCHEMA %I TO halligan_writer, halligan_reader', current_schema());
END
$$;

-- Which login each station has, filled by whoever runs this server. No other may begin the station's log or add to it, so that
-- a station's password is worth nothing against another station's log.
CREATE TABLE writers (
  station text PRIMARY KEY CHECK (station ~ '^[A-Za-z0-9_-]{22}$'),
  writer name NOT NULL
);

-- One row per log: a log belongs to one vault and one station. `writer` is the login that began it.
CREATE TABLE logs (
  id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  vault text NOT NULL CHECK (vault ~ '^[A-Za-z0-9_-]{22}$'),
  station text NOT NULL CHECK (station ~ '^[A-Za-z0-9_-]{22}$'),
  writer name NOT NULL,
  begun timestamptz NOT NULL DEFAULT clock_timestamp(),
  UNIQUE (vault, station)
);

-- `bytes` are the exact bytes that were hashed, `hash` is SHA-256(0x00 || bytes). No foreign key: only append() inserts, and
-- it takes `log` from the table above under a lock.
CREATE TABLE entries (
  log integer NOT NULL,
  seq bigint NOT NULL CHECK (seq >= 0),
  hash bytea NOT NULL CHECK (octet_length(hash) = 32),
  bytes bytea NOT NULL,
  received timestamptz NOT NULL,
  PRIMARY KEY (log, seq)
);

-- The station's signed statements of size and root. PostgreSQL cannot check an Ed25519 signature; `halligan verify` can.
CREATE TABLE checkpoints (
  log integer NOT NULL,
  size bigint NOT NULL CHECK (size > 0),
  root bytea NOT NULL CHECK (octet_length(root) = 32),
  note text NOT NULL CHECK (octet_length(note) <= 65536),
  received timestamptz NOT NULL DEFAULT clock_timestamp(),
  PRIMARY KEY (log, size)
);

-- What is in stays in. Nobody may change it, owner and superuser included: a superuser can turn the trigger off, which is a
-- deliberate act that the server's own log can show.
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'the audit log is append-only: % of %.% is refused', TG_OP, TG_TABLE_SCHEMA, TG_TABLE_NAME
    USING ERRCODE = 'ZHG00';
END
$$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON logs FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON entries FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON checkpoints FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
-- Also for who replicates: a session that calls itself a replica would pass by an ordinary trigger.
ALTER TABLE logs ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE entries ENABLE ALWAYS TRIGGER append_only;
ALTER TABLE checkpoints ENABLE ALWAYS TRIGGER append_only;

-- How many entries of a log are here (always the first ones), and the hash of the newest; 0 and null of a log not yet begun.
CREATE FUNCTION head(a_vault text, a_station text, OUT size bigint, OUT last_hash bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path FROM CURRENT AS $$
BEGIN
  SELECT e.seq + 1, e.hash INTO size, last_hash
    FROM entries e JOIN logs l ON l.id = e.log
    WHERE l.vault = a_vault AND l.station = a_station
    ORDER BY e.seq DESC LIMIT 1;
  size := coalesce(size, 0);
END
$$;

-- Adds entries a_first, a_first + 1, ... of a log: `a_bytes` holds them end to end, `a_lengths` says how long each is. Answers
-- the new head. All of them are added, or none. What is here already is skipped when it is the same.
-- Errors: ZHG01 a gap (entries before a_first are missing), ZHG02 a fork (another entry, or another root, is here already),
-- ZHG03 what was sent is not a chain of this station, or its checkpoint cannot be one of it, ZHG04 the station has another login.
CREATE FUNCTION append(
  a_vault text, a_station text, a_first bigint, a_lengths integer[], a_bytes bytea,
  a_size bigint, a_root bytea, a_note text, OUT size bigint, OUT last_hash bytea
) LANGUAGE plpgsql SECURITY DEFINER SET search_path FROM CURRENT AS $$
DECLARE
  the_log integer;
  known bigint;    -- how many entries of what was sent are here already
  wrong bigint;    -- the first of them that is not the same, or the first of the new ones that is no part of the chain
  hashes bytea[];
  pieces bytea[];
BEGIN
  IF a_first < 0 OR coalesce(cardinality(a_lengths), 0) = 0 OR 1 > ANY (a_lengths)
     OR octet_length(a_bytes) <> (SELECT sum(l) FROM unnest(a_lengths) l) THEN
    RAISE EXCEPTION 'lengths and bytes do not belong together' USING ERRCODE = 'ZHG03';
  END IF;

  -- A checkpoint covers what it comes with, and at most what is still on its way here: one of a log that will never be so long
  -- would stand in the way of the true one.
  IF a_size IS NULL OR a_size < a_first + cardinality(a_lengths) OR a_size > a_first + cardinality(a_lengths) + 65536 THEN
    RAISE EXCEPTION 'no checkpoint of these entries' USING ERRCODE = 'ZHG03';
  END IF;

  IF NOT EXISTS (SELECT FROM writers w WHERE w.station = a_station AND w.writer = session_user) THEN
    RAISE EXCEPTION 'this station has another login, or none: see the table writers' USING ERRCODE = 'ZHG04';
  END IF;
  INSERT INTO logs (vault, station, writer)
    SELECT a_vault, a_station, session_user
    WHERE NOT EXISTS (SELECT FROM logs WHERE vault = a_vault AND station = a_station)
    ON CONFLICT DO NOTHING;
  -- Locked to the end of the transaction: two appends to one log follow each other, each seeing what the other added.
  SELECT id INTO the_log FROM logs WHERE vault = a_vault AND station = a_station FOR UPDATE;

  SELECT e.seq + 1, e.hash INTO size, last_hash FROM entries e WHERE e.log = the_log ORDER BY e.seq DESC LIMIT 1;
  size := coalesce(size, 0);
  last_hash := coalesce(last_hash, decode(repeat('00', 32), 'hex'));
  IF a_first > size THEN
    RAISE EXCEPTION 'gap: % entries are here, % is the first one sent', size, a_first USING ERRCODE = 'ZHG01';
  END IF;
  known := least(size - a_first, cardinality(a_lengths));

  SELECT array_agg(s.hash ORDER BY s.n), array_agg(s.piece ORDER BY s.n) INTO hashes, pieces
    FROM (
      SELECT c.n, c.piece, sha256('\x00'::bytea || c.piece) AS hash
      FROM (
        SELECT t.n, substring(a_bytes FROM (1 + sum(t.l) OVER (ORDER BY t.n) - t.l)::integer FOR t.l) AS piece
        FROM unnest(a_lengths) WITH ORDINALITY AS t (l, n)
      ) c
    ) s;

  IF known > 0 THEN
    SELECT min(e.seq) INTO wrong FROM entries e
      WHERE e.log = the_log AND e.seq >= a_first AND e.seq < a_first + known
        AND e.hash <> hashes[(e.seq - a_first)::integer + 1];
    IF wrong IS NOT NULL THEN
      RAISE EXCEPTION 'fork: another entry % is here already', wrong USING ERRCODE = 'ZHG02';
    END IF;
  END IF;

  IF known < cardinality(a_lengths) THEN
    -- Each entry names its place, its station and the hash of the one before it.
    SELECT min(s.n) INTO wrong
      FROM (
        SELECT t.n, convert_from(t.piece, 'UTF8')::json AS entry,
          CASE WHEN t.n = known + 1 THEN last_hash ELSE hashes[t.n::integer - 1] END AS before
        FROM unnest(pieces) WITH ORDINALITY AS t (piece, n)
        WHERE t.n > known
      ) s
      WHERE s.entry ->> 'prev' IS DISTINCT FROM rtrim(translate(encode(s.before, 'base64'), '+/', '-_'), '=')
        OR s.entry ->> 'seq' IS DISTINCT FROM (a_first + s.n - 1)::text
        OR s.entry ->> 'station' IS DISTINCT FROM a_station;
    IF wrong = 1 AND size > 0 AND convert_from(pieces[1], 'UTF8')::json ->> 'seq' = a_first::text
       AND convert_from(pieces[1], 'UTF8')::json ->> 'station' = a_station THEN
      RAISE EXCEPTION 'fork: entry % does not follow what is here', a_first USING ERRCODE = 'ZHG02';
    ELSIF wrong IS NOT NULL THEN
      RAISE EXCEPTION 'entry % is not part of this chain', a_first + wrong - 1 USING ERRCODE = 'ZHG03';
    END IF;
    INSERT INTO entries (log, seq, hash, bytes, received)
      SELECT the_log, a_first + t.n - 1, t.hash, t.piece, clock_timestamp()
      FROM unnest(hashes, pieces) WITH ORDINALITY AS t (hash, piece, n)
      WHERE t.n > known
      ORDER BY t.n;
    size := a_first + cardinality(a_lengths);
    last_hash := hashes[cardinality(hashes)];
  END IF;

  INSERT INTO checkpoints (log, size, root, note) VALUES (the_log, a_size, a_root, a_note) ON CONFLICT DO NOTHING;
  IF EXISTS (SELECT FROM checkpoints c WHERE c.log = the_log AND c.size = a_size AND c.root <> a_root) THEN
    RAISE EXCEPTION 'fork: another root of the first % entries is here already', a_size USING ERRCODE = 'ZHG02';
  END IF;
END
$$;

-- For people and their tools. Read `bytes` of the table itself to verify.
CREATE VIEW audit_log AS
  SELECT l.vault, l.station, e.seq, e.received, encode(e.hash, 'hex') AS hash, convert_from(e.bytes, 'UTF8')::jsonb AS entry
  FROM entries e JOIN logs l ON l.id = e.log;

ALTER TABLE writers OWNER TO halligan_owner;
ALTER TABLE logs OWNER TO halligan_owner;
ALTER TABLE entries OWNER TO halligan_owner;
ALTER TABLE checkpoints OWNER TO halligan_owner;
ALTER VIEW audit_log OWNER TO halligan_owner;
ALTER FUNCTION refuse_change() OWNER TO halligan_owner;
ALTER FUNCTION head(text, text) OWNER TO halligan_owner;
ALTER FUNCTION append(text, text, bigint, integer[], bytea, bigint, bytea, text) OWNER TO halligan_owner;

-- PostgreSQL lets everybody execute a new function.
REVOKE ALL ON FUNCTION refuse_change() FROM PUBLIC;
REVOKE ALL ON FUNCTION head(text, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION append(text, text, bigint, integer[], bytea, bigint, bytea, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION head(text, text) TO halligan_writer;
GRANT EXECUTE ON FUNCTION append(text, text, bigint, integer[], bytea, bigint, bytea, text) TO halligan_writer;
GRANT SELECT ON writers, logs, entries, checkpoints, audit_log TO halligan_reader;
COMMIT;
