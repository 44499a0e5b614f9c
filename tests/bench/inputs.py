"""What the benchmark works on. The same calls make the same bytes, on every machine."""

import json
import random
import sqlite3

_WORDS = (
    "the of and to in a is that for it was on are as with they be at this from have or by one had not but what all were "
    "when we there can an your which their said if do will each about how up out them then she many some so these would "
    "other into has more her two like him see time could no make than first been its who now people my made over did "
    "down only way find use may water long little very after words called just where most know naïve Größe façade 数学 "
    "résumé \"quoted\" C:\\path tab\there 50 % — dash новый λόγος"
).split(" ")


def _text_pool(seed, size):
    """Words in no order, with quotes, escapes and letters of several scripts, as JSON needs them."""
    chance = random.Random(seed)
    words = []
    length = 0
    while length < size:
        word = chance.choice(_WORDS)
        words.append(word)
        length += len(word) + 1
    return " ".join(words)


def write_requests(path, lines, line_bytes, name="row"):
    """A job of `lines` chat requests of about `line_bytes` each, with ids that are all different. Answers its size."""
    pool = _text_pool(1, 1_000_000)
    chance = random.Random(2)
    size = 0
    with open(path, "wb") as out:
        for number in range(1, lines + 1):
            length = int(line_bytes * chance.uniform(0.5, 1.5)) - 220
            start = chance.randrange(len(pool) - length) if length < len(pool) else 0
            request = {
                "custom_id": f"{name}-{number}",
                "method": "POST",
                "url": "/v1/chat/completions",
                "body": {
                    "model": "gpt-4o-mini",
                    "messages": [
                        {"role": "system", "content": "You summarise in two sentences."},
                        {"role": "user", "content": pool[start : start + length]},
                    ],
                    "max_tokens": 100,
                },
            }
            size += out.write(json.dumps(request, ensure_ascii=False).encode("utf-8") + b"\n")
    return size


SMALL_REQUEST = (
    '{"custom_id": "one", "method": "POST", "url": "/v1/chat/completions", "body": {"model": "gpt-4o-mini", '
    '"messages": [{"role": "user", "content": "Say hello."}]}}\n'
)


def one_small_file(bench):
    """A file of one request, to be dropped again and again."""
    path = bench.folder / "one.jsonl"
    path.write_text(SMALL_REQUEST)
    return path


def write_small_files(folder, count, prefix="small"):
    """`count` files of one request."""
    for number in range(1, count + 1):
        (folder / f"{prefix}-{number:06}.jsonl").write_text(SMALL_REQUEST)


def add_ended_jobs(database, count):
    """Rows of `count` delivered jobs with a batch and six events each, as years of use leave them."""
    state = sqlite3.connect(database)
    with state:
        first = state.execute("SELECT coalesce(max(id), 0) + 1 FROM jobs").fetchone()[0]
        for number in range(first, first + count):
            when = f"2025-{number // 9000 % 12 + 1:02}-{number // 300 % 28 + 1:02}T{number % 24:02}:00:00Z"
            state.execute(
                "INSERT INTO jobs (id, key, name, state, requests, succeeded, bytes, sha256, input_tokens, output_tokens,"
                " created_at, finished_at, delivered_to, device, inode, cleaned_at)"
                " VALUES (?, ?, ?, 'done', 500, 500, 900000, ?, 100000, 50000, ?, ?, ?, 1, ?, ?)",
                (number, f"{number:032x}", f"nightly-{number}", f"{number:064x}", when, when,
                 f"/var/spool/batchd/outbox/nightly-{number}", number, when))
            state.execute(
                "INSERT INTO batches (job_id, shard, attempt, run, key, batch_id, phase, status, endpoint, model, requests,"
                " bytes, completed, input_file_id, output_file_id, estimated_tokens, created_at, submitted_at, expires_at,"
                " polled_at, ended_at, collected_at)"
                " VALUES (?, 1, 1, 1, ?, ?, 'collected', 'completed', '/v1/chat/completions', 'gpt-4o-mini', 500, 900000,"
                " 500, ?, ?, 225000, ?, ?, ?, ?, ?, ?)",
                (number, f"b{number:031x}", f"batch_{number:024x}", f"file-{number:022x}", f"file-o{number:021x}",
                 when, when, when, when, when, when))
            for kind in ("job_claimed", "job_planned", "batch_uploaded", "batch_created", "batch_ended", "job_delivered"):
                state.execute("INSERT INTO events (at, job_id, batch, kind, detail) VALUES (?, ?, ?, ?, '500 requests')",
                              (when, number, f"batch_{number:024x}", kind))
    state.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    state.close()


def add_batches_in_flight(database, batch_ids):
    """A running job of one request for each of the provider's batches."""
    state = sqlite3.connect(database)
    with state:
        first = state.execute("SELECT coalesce(max(id), 0) + 1 FROM jobs").fetchone()[0]
        for number, batch_id in enumerate(batch_ids, first):
            state.execute(
                "INSERT INTO jobs (id, key, name, state, requests, bytes, created_at, device, inode)"
                " VALUES (?, ?, ?, 'running', 1, 150, strftime('%Y-%m-%dT%H:%M:%SZ', 'now'), 1, ?)",
                (number, f"a{number:031x}", f"in-flight-{number}", number))
            state.execute(
                "INSERT INTO batches (job_id, shard, attempt, run, key, batch_id, phase, status, endpoint, model, requests,"
                " bytes, input_file_id, estimated_tokens, created_at, submitted_at)"
                " VALUES (?, 1, 1, 1, ?, ?, 'watching', 'in_progress', '/v1/chat/completions', 'gpt-4o-mini', 1, 150,"
                " 'file-shared', 40, strftime('%Y-%m-%dT%H:%M:%SZ', 'now'), strftime('%Y-%m-%dT%H:%M:%SZ', 'now'))",
                (number, f"c{number:031x}", batch_id))
    state.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    state.close()
