-- batchd's state. Readers are welcome at any time:  sqlite3 /var/lib/batchd/batchd.db
-- Times are UTC text, '2026-11-22T08:30:00Z', so they sort as they are. Columns may be added, not renamed.

CREATE TABLE jobs (              -- one claimed file
  id            INTEGER PRIMARY KEY,           -- the job's number, for `batchd status 12`
  key           TEXT NOT NULL UNIQUE,          -- names the work directory, stands in job.json; random, but for a
                                               -- retry it follows from the command, so that doing it twice makes one job
  name          TEXT NOT NULL,                 -- the file's name without .jsonl, as it was dropped
  state         TEXT NOT NULL CHECK (state IN ('claimed', 'planned', 'running', 'delivering',
                                               'done', 'failed', 'rejected', 'cancelled')),
                                               -- how far it is; the last four are final, done may have failed > 0
  reason        TEXT,                          -- why it failed or was rejected; NULL otherwise
  requests      INTEGER NOT NULL DEFAULT 0,    -- request lines of the file, known from 'planned' on
  succeeded     INTEGER NOT NULL DEFAULT 0,    -- answered with 2xx so far
  failed        INTEGER NOT NULL DEFAULT 0,    -- finally failed so far
  bytes         INTEGER NOT NULL DEFAULT 0,    -- size of the file
  sha256        TEXT,                          -- of the file, known from 'planned' on
  input_tokens  INTEGER NOT NULL DEFAULT 0,    -- of the prompts, as the answers say
  output_tokens INTEGER NOT NULL DEFAULT 0,    -- of the answers, likewise
  created_at    TEXT NOT NULL,                 -- when it was claimed
  finished_at   TEXT,                          -- when it reached a final state
  delivered_to  TEXT,                          -- the folder in outbox/ or rejected/
  device        INTEGER NOT NULL,              -- of the file in the inbox: the claim is finished after a crash
  inode         INTEGER NOT NULL,              -- only if it is still the same file
  cleaned_at    TEXT,                          -- when its work directory was removed
  recovered_at  TEXT,                          -- when 'batchd recover' made this row anew: its attempts are looked for
                                               -- at the provider before they are sent
  cancel_asked_at TEXT,                        -- when a cancel was taken up; nothing new is submitted from then on
  retry_of      INTEGER,                       -- the number of the job whose failed requests it sends again
  input_changed INTEGER NOT NULL DEFAULT 0,    -- 1: its file was altered after it was taken; what was sent is what was read
  input_stamp   TEXT,                          -- size, mtime and ctime (ns) of the file as it was read: what tells before the
                                               -- delivery whether somebody has written to it since
  queue         TEXT NOT NULL DEFAULT 'default', -- whose folder it was dropped into; 'default': the inbox itself
  provider      TEXT NOT NULL DEFAULT 'default', -- whom its requests go to, by the name in the configuration
  terms         TEXT,                          -- the settings that it was taken under, as JSON: they hold for it whatever
                                               -- the configuration says later
  waits         INTEGER NOT NULL DEFAULT 0,    -- 1: it is checked, and waits in its queue for company or for its time
  not_before    TEXT,                          -- when what waits is sent, as far as it is known; NULL where it does not wait
  cached_tokens    INTEGER NOT NULL DEFAULT 0, -- of input_tokens, those that were read from a cache
  reasoning_tokens INTEGER NOT NULL DEFAULT 0, -- of output_tokens
  cost          INTEGER,                       -- nano-dollars (1e-9 USD) of what is collected so far and could be priced;
                                               -- NULL where nothing is, or nobody knows a price
  cost_sync     INTEGER,                       -- what the same would have cost at the standard price; NULL where cost is
  unpriced      INTEGER NOT NULL DEFAULT 0,    -- answers that could not be priced, and are not in the cost
  waits_for     TEXT CHECK (waits_for IN ('turn', 'money', 'budget', 'price')),
                                               -- NULL: for company or for its time; else that has come, and: it will be
                                               -- looked at; its queue's budget is spent; it costs more than the whole
                                               -- budget; nobody knows its price
  asks          TEXT,                          -- how much it asks for, by model, as JSON: what estimates are made of
  estimated_cost INTEGER,                      -- nano-dollars, as was expected when it was let go, or looked at last; NULL
                                               -- where nobody has asked, or nobody knows
  released_at   TEXT,                          -- when it was let go; its cost counts in the budget of that day or month
  chained_from  INTEGER,                       -- the number of the job whose answers its requests are made of
  release_asked TEXT CHECK (release_asked IN ('now', 'over_budget'))
                                               -- 'batchd release' came while its file was being read: once it is, it waits
                                               -- for no company and no time; nor, with 'over_budget', for money
) STRICT;

CREATE INDEX jobs_open ON jobs (state) WHERE state IN ('claimed', 'planned', 'running', 'delivering');
CREATE INDEX jobs_by_size ON jobs (state, bytes) WHERE state IN ('claimed', 'delivering');
CREATE INDEX jobs_to_clean ON jobs (id)
  WHERE cleaned_at IS NULL AND state IN ('done', 'failed', 'rejected', 'cancelled');
CREATE INDEX jobs_name ON jobs (name);
CREATE INDEX jobs_cancelling ON jobs (id)
  WHERE cancel_asked_at IS NOT NULL AND state IN ('claimed', 'planned', 'running', 'delivering');
CREATE INDEX jobs_waiting ON jobs (queue, created_at) WHERE waits = 1;
CREATE INDEX jobs_due ON jobs (queue, id) WHERE waits_for IS NOT NULL;
CREATE INDEX jobs_released ON jobs (queue, released_at) WHERE released_at IS NOT NULL;
CREATE INDEX jobs_retries ON jobs (retry_of) WHERE retry_of IS NOT NULL;
CREATE INDEX jobs_finished ON jobs (finished_at) WHERE finished_at IS NOT NULL;

CREATE TABLE batches (           -- one submission (attempt) of one shard of a job, or of what several jobs share
  id               INTEGER PRIMARY KEY,        -- of this row; the provider's is batch_id
  job_id           INTEGER REFERENCES jobs (id) ON DELETE CASCADE, -- whose requests it has; NULL where several jobs
                                               -- share it: parts has them
  shard            INTEGER NOT NULL,           -- 1, 2, … in the job, or in the bundle
  attempt          INTEGER NOT NULL,           -- 1, 2, … of the shard
  run              INTEGER NOT NULL,           -- how often its requests will have been run with this one: retries count,
                                               -- attempts that the provider refused before running anything do not
  setbacks         INTEGER NOT NULL DEFAULT 0, -- attempts in a row, before this one, that validation refused
  key              TEXT NOT NULL UNIQUE,       -- our mark at the provider (file name, metadata.batchd_key); follows from
                                               -- the job's or bundle's key, shard and attempt, so it is known without
                                               -- the database
  batch_id         TEXT UNIQUE,                -- the provider's id, once there is one
  phase            TEXT NOT NULL CHECK (phase IN ('planned', 'uploading', 'uploaded', 'creating', 'watching',
                                                  'ended', 'collected')),
                                               -- which step of ours is next for it
  status           TEXT NOT NULL,              -- planned, uploading, uploaded, creating; then the provider's own word;
                                               -- 'refused' when it would not take it, 'gone' when it no longer knows
                                               -- it, 'too_large' when fewer tokens may be enqueued, 'cancelled' also
                                               -- when it was never submitted
  endpoint         TEXT NOT NULL,              -- of all its requests, such as /v1/chat/completions
  model            TEXT NOT NULL,              -- of all its requests
  requests         INTEGER NOT NULL,           -- requests in it
  bytes            INTEGER NOT NULL,           -- size of the file that is sent
  completed        INTEGER NOT NULL DEFAULT 0, -- as the provider counts while it runs; as we counted once collected
  failed           INTEGER NOT NULL DEFAULT 0, -- likewise; those that went out again are in neither
  input_file_id    TEXT,                       -- the provider's id of the file we uploaded, once it is there
  output_file_id   TEXT,                       -- of its answers; NULL while there are none
  error_file_id    TEXT,                       -- of its error lines; NULL while there are none
  estimated_tokens INTEGER NOT NULL,           -- about a token for four bytes; what the enqueued-token limit is held against
  input_tokens     INTEGER NOT NULL DEFAULT 0, -- of the prompts, as the answers say, once collected
  output_tokens    INTEGER NOT NULL DEFAULT 0, -- of the answers, likewise
  created_at       TEXT NOT NULL,              -- of this row
  intent_at        TEXT,                       -- when the upload or create began that may be in doubt
  submitted_at     TEXT,                       -- when the provider gave its id
  expires_at       TEXT,                       -- as the provider says
  polled_at        TEXT,                       -- when its status was last seen
  ended_at         TEXT,                       -- when it was seen in a final status
  collected_at     TEXT,                       -- when its answers were matched with the requests
  error            TEXT,                       -- why it ended without answers, in the provider's words
  cancel_sent_at   TEXT,                       -- when the provider took our cancel, or said that it is too late for one
  repeat_of        TEXT,                       -- when a call began that seemed to have had no effect, and was made again
  twins_until      TEXT,                       -- so long the listings are looked through for a second batch of it
  status_since     TEXT,                       -- when its status was first seen
  overdue_at       TEXT,                       -- when it was said that it takes too long
  deadline_at      TEXT,                       -- when it is cancelled, and what it has not answered goes to the queue's
                                               -- fallback; NULL: never
  outcome          TEXT CHECK (outcome IN ('ended', 'withdrawn', 'refused', 'no_batch', 'too_large', 'gone', 'abandoned',
                                           'unanswered_cancel')),
                                               -- our verdict once it has ended: the provider said so itself; never
                                               -- submitted; not taken by the provider; likewise, for want of a batch for
                                               -- its model or endpoint; more tokens than may be enqueued;
                                               -- no longer known there; given up by 'batchd abandon'; cancelled, and the
                                               -- provider did not say for retry.cancel_patience that it had ended
  base_url         TEXT,                       -- the provider's address under which its file and batch were made
  account          TEXT,                       -- digest of the key, organization and project they were made with
  doubts           INTEGER NOT NULL DEFAULT 0, -- creates of it whose effect nobody knows; at most one is made again
  answered_at      TEXT,                       -- when a create was answered with success, but not with a batch of ours that
                                               -- could be read: it exists, and is never made again
  answered_with    TEXT,                       -- the id of the batch in that answer, where it had one
  missing_since    TEXT,                       -- since when the provider says, without a break, that it knows no such batch
  held_since       TEXT,                       -- since when only time or a person can say what became of it
  held             TEXT,                       -- why, and what to do about it; NULL while it is not held
  recognised       INTEGER NOT NULL DEFAULT 0, -- 1: the provider has shown it with our mark, or as made of our file
  lost             INTEGER NOT NULL DEFAULT 0, -- requests whose answer could not be read: they are in failed as well
  provider         TEXT NOT NULL DEFAULT 'default', -- whom it is for, by the name in the configuration
  cached_tokens    INTEGER NOT NULL DEFAULT 0, -- of input_tokens, those that were read from a cache
  reasoning_tokens INTEGER NOT NULL DEFAULT 0, -- of output_tokens
  cost             INTEGER,                    -- nano-dollars (1e-9 USD), once collected; NULL where nobody knows it
  cost_sync        INTEGER,                    -- what the same would have cost at the standard price; NULL where cost is
  unpriced         INTEGER NOT NULL DEFAULT 0, -- answers that could not be priced, and are not in the cost
  prices           TEXT,                       -- the prices that it was reckoned by, as JSON: dollars a token, by model and tier
  told_usage       TEXT,                       -- the tokens of the whole batch by the provider's own count, as JSON; NULL
                                               -- where it says none
  possibly_repeated INTEGER NOT NULL DEFAULT 0, -- requests sent one by one that a crash may have had answered twice
  bundle           TEXT,                       -- of a shared one: names the folder in work/ that has its files
  share            TEXT,                       -- of one that may share and is not sent yet: those with the same word can
                                               -- go as one batch; NULL: it goes by itself
  priority         INTEGER NOT NULL DEFAULT 0, -- what is sent first where there is a choice: the highest
  cleaned_at       TEXT,                       -- of a shared one: when its folder in work/ was removed
  UNIQUE (job_id, shard, attempt)
) STRICT;

CREATE INDEX batches_active ON batches (phase) WHERE phase <> 'collected';
CREATE INDEX batches_to_submit ON batches (provider, priority DESC, id)
  WHERE phase IN ('planned', 'uploading', 'uploaded', 'creating') AND NOT (phase = 'planned' AND share IS NOT NULL);
CREATE INDEX batches_to_share ON batches (provider, share, priority DESC, id)
  WHERE phase = 'planned' AND share IS NOT NULL;
CREATE INDEX batches_bundle ON batches (bundle, shard) WHERE bundle IS NOT NULL;
CREATE INDEX batches_to_clean ON batches (bundle) WHERE bundle IS NOT NULL AND cleaned_at IS NULL;
CREATE INDEX batches_input_file ON batches (input_file_id) WHERE input_file_id IS NOT NULL;
CREATE INDEX batches_deadline ON batches (deadline_at)
  WHERE deadline_at IS NOT NULL AND cancel_sent_at IS NULL AND phase <> 'collected';
-- Each has a condition that only the question which it is for repeats, so that no other takes it for its own.
CREATE INDEX batches_overdue ON batches (overdue_at) WHERE overdue_at IS NOT NULL AND phase = 'watching';
CREATE INDEX batches_submitted ON batches (submitted_at) WHERE submitted_at IS NOT NULL AND phase = 'watching';
CREATE INDEX batches_enqueued ON batches (phase, provider, model, estimated_tokens)
  WHERE phase = 'watching' AND model <> '';
CREATE INDEX batches_twins ON batches (twins_until) WHERE twins_until IS NOT NULL;

CREATE TABLE parts (             -- whose requests a batch has: a row for each of its jobs, one where it is not shared
  batch    INTEGER NOT NULL REFERENCES batches (id) ON DELETE CASCADE ON UPDATE CASCADE, -- batches.id
  job_id   INTEGER NOT NULL REFERENCES jobs (id) ON DELETE CASCADE, -- whose they are
  shard    INTEGER NOT NULL,                   -- 1, 2, … in the job
  attempt  INTEGER NOT NULL,                   -- 1, 2, … of the shard
  requests INTEGER NOT NULL,                   -- of this job in this batch
  first_row INTEGER NOT NULL DEFAULT 0,        -- of a shared one: the numbers of the job's rows in the bundle begin here …
  last_row INTEGER NOT NULL DEFAULT 0,         -- … and end here; those that are not in this batch are left out
  left_at  TEXT,                               -- when the job was cancelled and ended, though the batch goes on
  completed INTEGER NOT NULL DEFAULT 0,        -- this and what follows, as in batches, is this job's share of the whole,
                                               -- once that is collected
  failed   INTEGER NOT NULL DEFAULT 0,         -- likewise
  lost     INTEGER NOT NULL DEFAULT 0,         -- of the failed ones, those whose answer could not be read
  input_tokens INTEGER NOT NULL DEFAULT 0,     -- of the prompts
  output_tokens INTEGER NOT NULL DEFAULT 0,    -- of the answers
  cached_tokens INTEGER NOT NULL DEFAULT 0,    -- of input_tokens
  reasoning_tokens INTEGER NOT NULL DEFAULT 0, -- of output_tokens
  cost     INTEGER,                            -- nano-dollars (1e-9 USD); NULL where nobody knows it
  cost_sync INTEGER,                           -- at the standard price
  unpriced INTEGER NOT NULL DEFAULT 0,         -- answers that are not in the cost
  PRIMARY KEY (batch, job_id, shard)
) STRICT, WITHOUT ROWID;

CREATE INDEX parts_job ON parts (job_id, shard, attempt, batch);

CREATE TRIGGER batches_have_parts AFTER INSERT ON batches WHEN NEW.job_id IS NOT NULL -- one that is a job's alone
  BEGIN
    INSERT INTO parts (batch, job_id, shard, attempt, requests, completed, failed, lost, input_tokens, output_tokens,
                       cached_tokens, reasoning_tokens, cost, cost_sync, unpriced)
      VALUES (NEW.id, NEW.job_id, NEW.shard, NEW.attempt, NEW.requests, iif(NEW.phase = 'collected', NEW.completed, 0),
              iif(NEW.phase = 'collected', NEW.failed, 0), NEW.lost, NEW.input_tokens, NEW.output_tokens,
              NEW.cached_tokens, NEW.reasoning_tokens, NEW.cost, NEW.cost_sync, NEW.unpriced);
  END;

CREATE TRIGGER parts_end_with_the_last AFTER DELETE ON parts -- of a shared batch, of which nobody is left to tell
  WHEN NOT EXISTS (SELECT 1 FROM parts WHERE batch = OLD.batch)
  BEGIN DELETE FROM batches WHERE id = OLD.batch AND job_id IS NULL AND cleaned_at IS NOT NULL; END;

CREATE TABLE unused_files (      -- uploads that nothing uses any more; a row goes when the provider has deleted the file
  file_id  TEXT PRIMARY KEY,                   -- the provider's id
  at       TEXT NOT NULL,                      -- since when
  job_id   INTEGER,                            -- whose it was
  why      TEXT NOT NULL,                      -- one line for people
  provider TEXT NOT NULL DEFAULT 'default'     -- where it is, by the name in the configuration
) STRICT;

CREATE TABLE provider_calls (    -- how long calls to providers took; added to some seconds after they were made
  provider  TEXT NOT NULL,                     -- whom was called, by the name in the configuration
  operation TEXT NOT NULL,                     -- upload, create, retrieve, list, cancel, download, retrieve_file,
                                               -- delete_file; request: one of those that are sent one by one
  code      TEXT NOT NULL,                     -- status of the answer: 2xx, 3xx, 4xx, 5xx; none: there was none
  up_to_ms  INTEGER NOT NULL,                  -- these took so many milliseconds at most, and more than those of the row
                                               -- before; 0: more than those of every other row
  calls     INTEGER NOT NULL,                  -- how many, ever
  took_ms   INTEGER NOT NULL,                  -- milliseconds, of all together
  bytes     INTEGER NOT NULL DEFAULT 0,        -- that they fetched
  PRIMARY KEY (provider, operation, code, up_to_ms)
) STRICT, WITHOUT ROWID;

CREATE TABLE events (            -- what happened; a row is never changed, and goes after state.keep
  id     INTEGER PRIMARY KEY,                  -- in the order in which things happened
  at     TEXT NOT NULL,                        -- when
  job_id INTEGER,                              -- the job that it is about; NULL: about the daemon, or about the jobs
                                               -- that share the batch
  batch  TEXT,                                 -- the provider's batch id, where there is one
  kind   TEXT NOT NULL,                        -- see the list of events in README.md
  detail TEXT NOT NULL DEFAULT '',             -- one line for people
  user   TEXT,                                 -- command: who asked for it; NULL where nobody knows
  queue  TEXT                                  -- the queue that it is about as a whole; NULL where it is about a job, which
                                               -- has one itself, or about the daemon
) STRICT;

CREATE INDEX events_job ON events (job_id) WHERE job_id IS NOT NULL;
CREATE INDEX events_at ON events (at);
CREATE INDEX events_shared ON events (batch) WHERE job_id IS NULL AND batch IS NOT NULL;

CREATE TABLE commands (          -- what people ask of the daemon: insert a row with verb and job_id, read `result`
  id      INTEGER PRIMARY KEY,                 -- in the order in which they are done
  at      TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%SZ', 'now')), -- when it was asked for
  verb    TEXT NOT NULL CHECK (verb IN ('cancel', 'retry', 'abandon', 'adopt', 'resend', 'release')),
                                               -- cancel: stop the job, keep what was answered by then;
                                               -- retry: send its failed requests again, as a new job;
                                               -- abandon: give up its batches that are held;
                                               -- adopt: the batch `argument` at the provider is the one in doubt;
                                               -- resend: nothing of what is in doubt ran, send it again;
                                               -- release: send what waits in the queue `argument` now
  job_id  INTEGER REFERENCES jobs (id) ON DELETE CASCADE, -- the job that it is about; NULL for release
  done_at TEXT,                                -- when the daemon acted on it; NULL: it has not yet
  result  TEXT,                                -- what came of it, in a sentence
  ok      INTEGER,                             -- 1: it was done as asked, 0: it could not be; NULL until done_at
  job_key TEXT,                                -- retry: key of the new job, chosen before its files are written
  argument TEXT,                               -- adopt: the provider's batch id; release: the queue
  user    TEXT,                                -- who asked for it: by the control socket as the kernel says, else as
                                               -- they say themselves; NULL where they don't
  over_budget INTEGER NOT NULL DEFAULT 0       -- release: 1: what waits for money as well
) STRICT;

CREATE INDEX commands_open ON commands (id) WHERE done_at IS NULL;
CREATE INDEX commands_job ON commands (job_id);

CREATE TRIGGER commands_are_about_jobs BEFORE INSERT ON commands -- the sqlite3 shell does not look at REFERENCES
  WHEN NEW.verb <> 'release' AND NOT EXISTS (SELECT 1 FROM jobs WHERE id = NEW.job_id)
  BEGIN SELECT RAISE(ABORT, 'there is no job with this number'); END;

CREATE TABLE conditions (        -- what is being waited for at this moment; a row goes when the wait is over
  kind   TEXT NOT NULL,                        -- held, waiting, provider_closed, no_key, inbox_gone, left_alone …
  about  TEXT NOT NULL,                        -- what waits: 'job 12', 'batch 34' (batches.id), the provider, a folder
  since  TEXT NOT NULL,                        -- when it began
  text   TEXT NOT NULL,                        -- why, and what to do about it; one line for people
  job_id INTEGER,                              -- the job that waits for it; NULL: the daemon does
  files  INTEGER,                              -- left_alone: how many files of the inbox it is about
  remedy TEXT,                                 -- left_alone: what to do about them, as in text
  PRIMARY KEY (kind, about)
) STRICT;

CREATE INDEX conditions_job ON conditions (job_id) WHERE job_id IS NOT NULL;

CREATE TRIGGER batches_are_held AFTER UPDATE OF held ON batches WHEN NEW.held IS NOT NULL -- what is held is waited for
  BEGIN
    INSERT INTO conditions (kind, about, since, text, job_id)
      VALUES ('held', 'batch ' || NEW.id, NEW.held_since, NEW.held, NEW.job_id)
      ON CONFLICT (kind, about) DO UPDATE SET text = excluded.text;
  END;

CREATE TRIGGER batches_go_on AFTER UPDATE OF held ON batches WHEN NEW.held IS NULL AND OLD.held IS NOT NULL
  BEGIN DELETE FROM conditions WHERE kind = 'held' AND about = 'batch ' || NEW.id; END;

CREATE TRIGGER batches_are_forgotten AFTER DELETE ON batches WHEN OLD.held IS NOT NULL
  BEGIN DELETE FROM conditions WHERE kind = 'held' AND about = 'batch ' || OLD.id; END;

CREATE TABLE notices (           -- what is to be told to people; a row is never changed, and goes after state.keep
  id     INTEGER PRIMARY KEY,                  -- in the order in which it is told
  key    TEXT NOT NULL UNIQUE,                 -- random; the same for all tries to tell it, so that receivers know repeats
  at     TEXT NOT NULL,                        -- when it became true
  type   TEXT NOT NULL,                        -- done, failed, rejected, cancelled, held, released, overdue,
                                               -- provider_closed, provider_open, budget, test
  text   TEXT NOT NULL,                        -- one line for people
  target TEXT,                                 -- the [notify.NAME] that it is for alone; NULL: all that want its type
  job_id INTEGER,                              -- the job that it is about; NULL: it is about the daemon, or about the
                                               -- jobs that share a batch
  name   TEXT,                                 -- this and what follows is the job as it was then: its name
  queue  TEXT,                                 -- whose folder it was dropped into; of a batch that several jobs share, all
                                               -- of their queues, with commas
  provider TEXT,                               -- whom its requests go to
  state  TEXT,                                 -- as in jobs
  reason TEXT,                                 -- why it failed or was rejected
  folder TEXT,                                 -- where it is in outbox/ or rejected/
  requests INTEGER,                            -- of its file
  succeeded INTEGER,                           -- answered
  failed INTEGER,                              -- finally failed
  input_tokens INTEGER,                        -- of the prompts
  output_tokens INTEGER,                       -- of the answers
  created_at TEXT,                             -- when it was claimed
  finished_at TEXT                             -- when it ended
) STRICT;

CREATE INDEX notices_at ON notices (at);

CREATE TRIGGER events_are_told AFTER INSERT ON events -- in the transaction of the event: neither is there without the other
  WHEN NEW.kind IN ('job_delivered', 'job_failed', 'job_rejected', 'job_cancelled', 'batch_held', 'batch_released',
                    'batch_overdue', 'provider_closed', 'provider_open', 'budget_holds')
  BEGIN
    INSERT INTO notices (key, at, type, text, job_id, name, queue, provider, state, reason, folder, requests, succeeded,
                         failed, input_tokens, output_tokens, created_at, finished_at)
      SELECT 'msg_' || lower(hex(randomblob(16))), NEW.at,
        CASE NEW.kind WHEN 'job_delivered' THEN 'done' WHEN 'job_failed' THEN 'failed' WHEN 'job_rejected' THEN 'rejected'
          WHEN 'job_cancelled' THEN 'cancelled' WHEN 'batch_held' THEN 'held' WHEN 'batch_released' THEN 'released'
          WHEN 'batch_overdue' THEN 'overdue' WHEN 'budget_holds' THEN 'budget' ELSE NEW.kind END,
        NEW.detail, j.id, j.name, j.queue, j.provider, j.state, j.reason, j.delivered_to, j.requests, j.succeeded,
        j.failed, j.input_tokens, j.output_tokens, j.created_at, j.finished_at
      FROM (SELECT 1) LEFT JOIN jobs j ON j.id = NEW.job_id;
  END;

CREATE TABLE targets (           -- how far each [notify.NAME] has been told
  name          TEXT PRIMARY KEY,              -- NAME
  notice        INTEGER NOT NULL,              -- notices up to this one are told, given up, or not for it; of a command:
                                               -- those that are older than its configuration
  told_at       TEXT,                          -- when the last message went out
  failing_since TEXT,                          -- since when none gets through; NULL while they do
  error         TEXT                           -- why
) STRICT;

CREATE VIEW running AS           -- each job that has not ended, and how far it is
  SELECT
    j.id AS id,                                -- the job
    j.name AS name,
    j.state AS state,
    j.requests AS requests,                    -- 0 until its file was read
    j.succeeded + j.failed + coalesce(sum(CASE WHEN b.phase IN ('watching', 'ended')
      THEN (b.completed + b.failed) * p.requests / b.requests END), 0) AS done, -- those that have ended, by the provider's
                                               -- count where it still runs; of a shared batch, its share of that
    j.failed + coalesce(sum(CASE WHEN b.phase IN ('watching', 'ended') THEN b.failed * p.requests / b.requests END), 0)
      AS failed,                               -- those of them that were not answered
    100 * (j.succeeded + j.failed + coalesce(sum(CASE WHEN b.phase IN ('watching', 'ended')
      THEN (b.completed + b.failed) * p.requests / b.requests END), 0)) / max(j.requests, 1) AS percent,
    coalesce(sum(b.phase IN ('planned', 'uploading', 'uploaded', 'creating')), 0) AS to_submit, -- batches not submitted yet
    coalesce(sum(b.phase = 'watching'), 0) AS in_flight, -- batches at the provider
    min(CASE WHEN b.phase = 'watching' THEN b.submitted_at END) AS submitted_at, -- of the oldest of these
    max(CASE WHEN b.phase = 'watching' THEN b.expires_at END) AS expires_at, -- of the one with the most time left
    j.created_at AS created_at,                -- when the file was taken
    j.cancel_asked_at AS cancel_asked_at       -- when it was cancelled, if it was
  FROM jobs j LEFT JOIN parts p ON p.job_id = j.id AND p.left_at IS NULL
    LEFT JOIN batches b ON b.id = p.batch AND b.phase <> 'collected'
  WHERE j.state IN ('claimed', 'planned', 'running', 'delivering')
  GROUP BY j.id;

CREATE VIEW waiting AS           -- what is checked and not sent yet, the oldest first
  SELECT
    id,                                        -- the job
    name,
    queue,
    provider,
    requests - failed AS requests,             -- that will be sent
    bytes,                                     -- of the file
    created_at AS since,                       -- when its file was taken
    not_before,                                -- when it is sent, as far as it is known
    waits_for                                  -- NULL: company, or its time; else as in jobs
  FROM jobs WHERE waits = 1 ORDER BY id;

CREATE VIEW queues AS            -- each queue that has a job, and how much of it waits and runs
  SELECT
    j.queue AS name,
    j.provider AS provider,
    coalesce(sum(j.waits), 0) AS files_waiting,
    coalesce(sum(CASE WHEN j.waits = 1 THEN j.requests - j.failed END), 0) AS requests_waiting,
    sum(j.state IN ('claimed', 'planned', 'running', 'delivering') AND j.waits = 0) AS jobs_running,
    (SELECT count(DISTINCT b.id) FROM batches b JOIN parts p ON p.batch = b.id JOIN jobs o ON o.id = p.job_id
      WHERE b.phase = 'watching' AND b.phase <> 'collected' AND o.queue = j.queue) AS batches_in_flight,
    min(j.not_before) AS next_at               -- when it sends next, as far as it is known
  FROM jobs j GROUP BY j.queue;

CREATE VIEW failures_today AS    -- what went wrong since midnight (UTC), by reason, the most requests first
  SELECT
    state,                                     -- failed, rejected, cancelled; done: some requests of it failed
    coalesce(reason, CASE state WHEN 'done' THEN 'single requests failed; errors.jsonl says why'
                                ELSE 'cancelled on request' END) AS reason,
    count(*) AS jobs,
    sum(failed) AS requests,                   -- that failed
    max(finished_at) AS last_at                -- when it happened last
  FROM jobs
  WHERE finished_at >= strftime('%Y-%m-%dT00:00:00Z', 'now') AND (failed > 0 OR state <> 'done')
  GROUP BY 1, 2 ORDER BY requests DESC, jobs DESC;

CREATE VIEW tokens_by_day AS     -- what was used, by day (UTC) and model, the newest day first
  SELECT
    date(collected_at) AS day,                 -- on which the answers were fetched
    model,
    count(*) AS batches,
    sum(completed) AS answered,                -- requests
    sum(input_tokens) AS input_tokens,
    sum(output_tokens) AS output_tokens
  FROM batches WHERE collected_at IS NOT NULL AND batch_id IS NOT NULL
  GROUP BY 1, 2 ORDER BY 1 DESC, 2;

CREATE VIEW spending AS          -- what was used and paid, by day, model and queue, the newest day first
  SELECT
    date(b.collected_at, 'localtime') AS day,  -- of this machine, on which the answers were fetched
    b.model AS model,
    j.queue AS queue,
    sum(p.completed + p.failed) AS requests,   -- that ended with it
    sum(p.input_tokens) AS input_tokens,
    sum(p.cached_tokens) AS cached_tokens,
    sum(p.output_tokens) AS output_tokens,
    sum(p.reasoning_tokens) AS reasoning_tokens,
    nullif(sum(p.cost), iif(sum(p.unpriced) > 0, 0, NULL)) AS cost, -- nano-dollars (1e-9 USD); NULL where nobody knows
    nullif(sum(p.cost_sync), iif(sum(p.unpriced) > 0, 0, NULL)) AS cost_sync, -- any; at the standard price
    sum(p.cost_sync) - nullif(sum(p.cost), iif(sum(p.unpriced) > 0, 0, NULL)) AS saved,
    sum(p.unpriced) AS unpriced                -- answers that are not in the cost
  FROM batches b JOIN parts p ON p.batch = b.id JOIN jobs j ON j.id = p.job_id WHERE b.collected_at IS NOT NULL
  GROUP BY 1, 2, 3 ORDER BY 1 DESC, 2, 3;

CREATE VIEW overdue AS           -- batches that the provider should have ended by now, the latest first
  SELECT
    b.batch_id AS batch_id,
    b.job_id AS job_id,                        -- NULL where several jobs share it
    coalesce(j.name, (SELECT count(*) || ' jobs' FROM parts WHERE batch = b.id)) AS name, -- of the job
    b.status AS status,
    b.requests AS requests,
    b.expires_at AS expires_at,                -- when it should have been over
    round((julianday('now') - julianday(b.expires_at)) * 24, 1) AS hours_late
  FROM batches b LEFT JOIN jobs j ON j.id = b.job_id
  WHERE b.phase = 'watching' AND b.phase <> 'collected' -- the second for the index
    AND b.expires_at < strftime('%Y-%m-%dT%H:%M:%SZ', 'now')
  ORDER BY b.expires_at;

CREATE VIEW turnaround AS        -- how long each ended job took from drop to delivery, the newest first
  SELECT
    id,                                        -- the job
    name,
    state,
    requests,
    created_at,                                -- when its file was taken
    finished_at,                               -- when its answers were in the outbox
    round((julianday(finished_at) - julianday(created_at)) * 24, 2) AS hours
  FROM jobs WHERE finished_at IS NOT NULL ORDER BY id DESC;

CREATE VIEW providers AS         -- each provider that has a job, whether it can be reached, and what is on its way there
  SELECT
    p.name AS name,                            -- as in the configuration; 'default' for [provider]
    c.name IS NULL AS open,                    -- 0: calls to it wait, as the daemon saw it last
    c.since AS since,                          -- since when it is closed
    c.text AS why,
    (SELECT count(*) FROM jobs j WHERE j.provider = p.name
      AND j.state IN ('claimed', 'planned', 'running', 'delivering') AND j.waits = 0) AS jobs_running,
    coalesce(b.batches, 0) AS batches_in_flight, -- at the provider
    coalesce(b.requests, 0) AS requests_in_flight, -- in these
    coalesce(b.tokens, 0) AS enqueued_tokens   -- by our estimate, likewise
  FROM (SELECT provider AS name FROM jobs UNION SELECT provider FROM batches) p
    -- What is said of the default provider is about its address.
    LEFT JOIN (SELECT iif(about LIKE '%://%', 'default', about) AS name, min(since) AS since, text
      FROM conditions WHERE kind IN ('no_key', 'provider_closed') GROUP BY 1) c ON c.name = p.name
    LEFT JOIN (SELECT provider AS name, count(*) AS batches, sum(requests) AS requests, sum(estimated_tokens) AS tokens
      FROM batches WHERE phase = 'watching' AND phase <> 'collected' GROUP BY 1) b ON b.name = p.name
  ORDER BY p.name;
