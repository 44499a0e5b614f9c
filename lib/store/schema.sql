-- batchd's state. Readers are welcome at any time:  sqlite3 /var/lib/batchd/batchd.db
-- Times are UTC text, '2026-11-22T08:30:00Z', so they sort as they are. Columns may be added, not renamed.

CREATE TABLE jobs (              -- one claimed file
  id            INTEGER PRIMARY KEY,
  key           TEXT NOT NULL UNIQUE,          -- random; names the work directory, stands in job.json
  name          TEXT NOT NULL,                 -- the file's name without .jsonl, as it was dropped
  state         TEXT NOT NULL CHECK (state IN ('claimed', 'planned', 'running', 'delivering',
                                               'done', 'failed', 'rejected', 'cancelled')),
  reason        TEXT,                          -- why it failed or was rejected; NULL otherwise
  requests      INTEGER NOT NULL DEFAULT 0,    -- request lines of the file, known from 'planned' on
  succeeded     INTEGER NOT NULL DEFAULT 0,    -- answered with 2xx so far
  failed        INTEGER NOT NULL DEFAULT 0,    -- finally failed so far
  bytes         INTEGER NOT NULL DEFAULT 0,    -- size of the file
  sha256        TEXT,                          -- of the file, known from 'planned' on
  input_tokens  INTEGER NOT NULL DEFAULT 0,    -- as the answers say
  output_tokens INTEGER NOT NULL DEFAULT 0,
  created_at    TEXT NOT NULL,                 -- when it was claimed
  finished_at   TEXT,                          -- when it reached a final state
  delivered_to  TEXT,                          -- the folder in outbox/ or rejected/
  device        INTEGER NOT NULL,              -- of the file in the inbox: the claim is finished after a crash
  inode         INTEGER NOT NULL,              -- only if it is still the same file
  cleaned_at    TEXT,                          -- when its work directory was removed
  recovered_at  TEXT                           -- when 'batchd recover' made this row anew: its attempts are looked for
                                               -- at the provider before they are sent
) STRICT;

CREATE INDEX jobs_open ON jobs (state) WHERE state IN ('claimed', 'planned', 'running', 'delivering');
CREATE INDEX jobs_to_clean ON jobs (id)
  WHERE cleaned_at IS NULL AND state IN ('done', 'failed', 'rejected', 'cancelled');
CREATE INDEX jobs_name ON jobs (name);
CREATE INDEX jobs_finished ON jobs (finished_at) WHERE finished_at IS NOT NULL;

CREATE TABLE batches (           -- one submission (attempt) of one shard of a job
  id               INTEGER PRIMARY KEY,
  job_id           INTEGER NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
  shard            INTEGER NOT NULL,           -- 1, 2, … in the job
  attempt          INTEGER NOT NULL,           -- 1, 2, … of the shard
  run              INTEGER NOT NULL,           -- how often its requests will have been run with this one: retries count,
                                               -- attempts that the provider refused before running anything do not
  setbacks         INTEGER NOT NULL DEFAULT 0, -- attempts in a row, before this one, that validation refused
  key              TEXT NOT NULL UNIQUE,       -- random; our mark at the provider (file name, metadata.batchd_key)
  batch_id         TEXT UNIQUE,                -- the provider's id, once there is one
  phase            TEXT NOT NULL CHECK (phase IN ('planned', 'uploading', 'uploaded', 'creating', 'watching',
                                                  'ended', 'collected')),
  status           TEXT NOT NULL,              -- planned, uploading, uploaded, creating; then the provider's own word;
                                               -- 'refused' when it would not take it, 'gone' when it no longer knows it
  endpoint         TEXT NOT NULL,
  model            TEXT NOT NULL,
  requests         INTEGER NOT NULL,           -- requests in it
  bytes            INTEGER NOT NULL,           -- size of the file that is sent
  completed        INTEGER NOT NULL DEFAULT 0, -- as the provider counts while it runs; as we counted once collected
  failed           INTEGER NOT NULL DEFAULT 0, -- likewise; those that went out again are in neither
  input_file_id    TEXT,
  output_file_id   TEXT,
  error_file_id    TEXT,
  estimated_tokens INTEGER NOT NULL,           -- about a token for four bytes; what the enqueued-token limit is held against
  input_tokens     INTEGER NOT NULL DEFAULT 0, -- as the answers say, once collected
  output_tokens    INTEGER NOT NULL DEFAULT 0,
  created_at       TEXT NOT NULL,              -- of this row
  intent_at        TEXT,                       -- when the upload or create began that may be in doubt
  submitted_at     TEXT,                       -- when the provider gave its id
  expires_at       TEXT,                       -- as the provider says
  polled_at        TEXT,                       -- when its status was last seen
  ended_at         TEXT,                       -- when it was seen in a final status
  collected_at     TEXT,                       -- when its answers were matched with the requests
  error            TEXT,                       -- in the provider's words
  UNIQUE (job_id, shard, attempt)
) STRICT;

CREATE INDEX batches_active ON batches (phase) WHERE phase <> 'collected';
CREATE INDEX batches_to_submit ON batches (id) WHERE phase IN ('planned', 'uploading', 'uploaded', 'creating');
CREATE INDEX batches_input_file ON batches (input_file_id) WHERE input_file_id IS NOT NULL;

CREATE TABLE events (            -- what happened; append-only
  id     INTEGER PRIMARY KEY,
  at     TEXT NOT NULL,
  job_id INTEGER,                              -- NULL: about the daemon
  batch  TEXT,                                 -- the provider's batch id, where there is one
  kind   TEXT NOT NULL,                        -- see the list of events in README.md
  detail TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE INDEX events_job ON events (job_id) WHERE job_id IS NOT NULL;
CREATE INDEX events_at ON events (at);

CREATE TABLE commands (          -- what people ask of the daemon: insert a row
  id      INTEGER PRIMARY KEY,
  at      TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now')),
  verb    TEXT NOT NULL CHECK (verb IN ('cancel', 'retry')),
  job_id  INTEGER NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
  done_at TEXT,                                -- when the daemon acted on it
  result  TEXT                                 -- what came of it
) STRICT;

CREATE INDEX commands_open ON commands (id) WHERE done_at IS NULL;
CREATE INDEX commands_job ON commands (job_id);
