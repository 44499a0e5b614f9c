#!/bin/sh
# run.sh EXAMPLE EXAMPLES BATCHD SIM: one of config/examples/hooks, run twice for one job as `batchd hooks` may do it, with the
# real program. Exit code 77 where that is not there.
set -eu
example=$1 hook=$2/$1 batchd=$3 sim=$4
here=$(cd "$(dirname "$0")" && pwd)

work=$(mktemp -d)
pids=""
finish() {
    # shellcheck disable=SC2086 # a list of numbers
    [ -z "$pids" ] || kill $pids 2>/dev/null || true
    [ ! -d "$work/pg" ] || as_owner "$pg/pg_ctl" -D "$work/pg" -m immediate stop >/dev/null 2>&1 || true
    rm -rf "$work"
}
trap finish EXIT

needs() {
    command -v "$1" >/dev/null || {
        echo "skipped: there is no $1 (Debian: $2)"
        exit 77
    }
}
fail() {
    echo "$*" >&2
    exit 1
}
expect() { # expect WHAT GOT
    [ "$1" = "$2" ] || fail "expected: $1
got: $2"
}
has() { # has FILE TEXT
    grep -qF -- "$2" "$1" || fail "there is no \"$2\" in: $(cat "$1")"
}
wait_for_file() {
    tries=0
    while [ ! -s "$1" ]; do
        tries=$((tries + 1))
        [ $tries -lt 600 ] || fail "$1 does not come"
        python3 -c 'import time; time.sleep(0.1)'
    done
}
answer() { # answer ID TEXT
    printf '{"custom_id":"%s","response":{"status_code":200,"body":{"choices":[{"message":{"content":"%s"}}]}},"error":null}\n' "$1" "$2"
}

export BATCHD_EVENT="done" BATCHD_TEXT="3 answered, 0 failed" BATCHD_JOB=12 BATCHD_NAME="it's new" BATCHD_QUEUE=nightly \
    BATCHD_STATE="done" BATCHD_REASON="" BATCHD_FOLDER="$work/outbox/nightly/it's new" BATCHD_REQUESTS=3 \
    BATCHD_SUCCEEDED=3 BATCHD_FAILED=0 BATCHD_INPUT_TOKENS=30 BATCHD_OUTPUT_TOKENS=30
mkdir -p "$BATCHD_FOLDER"
{
    answer one 'plain'
    answer two "a \\\"quote\\\", a comma; it's\\na line"
    answer three 'caf\u00e9 \t/'
} >"$BATCHD_FOLDER/output.jsonl"

# Debian's cluster is left alone; this one is of the test's own, and on a socket only.
start_postgresql() {
    pg=$(find /usr/lib/postgresql -mindepth 2 -maxdepth 2 -name bin 2>/dev/null | sort -V | tail -n 1)
    [ -n "$pg" ] || {
        echo "skipped: there is no PostgreSQL (Debian: postgresql)"
        exit 77
    }
    owner=$(id -un)
    [ "$(id -u)" != 0 ] || owner=postgres # it does not run as root
    chmod 755 "$work"
    mkdir "$work/pg" "$work/run"
    chown "$owner" "$work/pg" "$work/run"
    as_owner "$pg/initdb" -D "$work/pg" --auth trust --no-sync -U loader >"$work/initdb.log"
    as_owner "$pg/pg_ctl" -D "$work/pg" -w -o "-c listen_addresses= -c fsync=off -k $work/run" -l "$work/run/log" start >/dev/null
}
as_owner() {
    if [ "$(id -un)" = "$owner" ]; then "$@"; else (cd / && runuser -u "$owner" -- "$@"); fi
}

# A daemon with a queue, at a practice provider.
start_batchd() {
    "$sim" --port 0 --port-file "$work/port" --data "$work/provider" --key sk-practice --in-progress 0 >/dev/null &
    pids="$pids $!"
    wait_for_file "$work/port"
    mkdir -p "$work/spool"
    cat >"$work/batchd.toml" <<TOML
[spool]
inbox = "$work/spool/inbox"
outbox = "$work/spool/outbox"
rejected = "$work/spool/rejected"
settle_time = "10ms"
[state]
directory = "$work/state"
[provider]
base_url = "http://127.0.0.1:$(cat "$work/port")/v1"
[poll]
interval = "100ms"
[control]
socket = "$work/sock"
[queue.review]
model = "gpt-4o-mini"
TOML
    OPENAI_API_KEY=sk-practice "$batchd" --config "$work/batchd.toml" run 2>"$work/log" &
    pids="$pids $!"
    wait_for_file "$work/state/batchd.db"
}

case $example in
load-sqlite)
    needs sqlite3 sqlite3
    "$hook" "$work/answers.db"
    "$hook" "$work/answers.db"
    ask() { sqlite3 "$work/answers.db" "$1"; }
    expect 3 "$(ask 'SELECT count(*) FROM answers WHERE job = 12')"
    expect "a \"quote\", a comma; it's
a line" "$(ask "SELECT answer FROM answers WHERE custom_id = 'two'")"
    expect 'café 	/' "$(ask "SELECT answer FROM answers WHERE custom_id = 'three'")"
    ;;
load-postgresql)
    needs psql postgresql-client
    start_postgresql
    export PGHOST="$work/run" PGDATABASE=postgres PGUSER=loader
    "$hook"
    "$hook"
    ask() { psql --no-psqlrc --tuples-only --no-align --command "$1"; }
    expect 3 "$(ask 'SELECT count(*) FROM answers WHERE job = 12')"
    expect "a \"quote\", a comma; it's
a line" "$(ask "SELECT answer FROM answers WHERE custom_id = 'two'")"
    expect 'café 	/' "$(ask "SELECT answer FROM answers WHERE custom_id = 'three'")"
    ;;
send-mail)
    needs msmtp msmtp
    python3 "$here/receiver.py" smtp "$work/port" >"$work/mail" &
    receiver=$!
    pids=$receiver
    wait_for_file "$work/port"
    printf 'account default\nhost 127.0.0.1\nport %s\nfrom batchd@example.org\n' "$(cat "$work/port")" >"$work/.msmtprc"
    chmod 600 "$work/.msmtprc"
    HOME=$work SENDMAIL=$(command -v msmtp) BATCHD_NAME="two
Bcc: everybody@example.org" "$hook" editors@example.org desk@example.org
    wait "$receiver"
    has "$work/mail" "<editors@example.org>"
    has "$work/mail" "<desk@example.org>"
    has "$work/mail" "Subject: batchd: two Bcc: everybody@example.org: done"
    has "$work/mail" "Job 12, 3 requests: 3 answered, 0 failed"
    ! grep -q "RCPT.*everybody" "$work/mail" || fail "a name has added a receiver"
    ;;
tell-apprise)
    needs apprise apprise
    python3 "$here/receiver.py" http "$work/port" >"$work/message" &
    receiver=$!
    pids=$receiver
    wait_for_file "$work/port"
    echo "json://127.0.0.1:$(cat "$work/port")/" >"$work/services"
    APPRISE_CONFIG=$work/services "$hook"
    wait "$receiver"
    has "$work/message" "3 answered, 0 failed"
    has "$work/message" "success"
    ;;
next-job)
    start_batchd
    export BATCHD_CONFIG="$work/batchd.toml" BATCHD_NAME=articles
    PATH=$(dirname "$batchd"):$PATH
    cat >"$work/make" <<'PY'
#!/usr/bin/env python3
import json, sys
for line in sys.stdin:
    row = json.loads(line)
    text = row["response"]["body"]["choices"][0]["message"]["content"]
    print(json.dumps({"custom_id": row["custom_id"], "body": {"messages": [{"role": "user", "content": "Review: " + text}]}}))
PY
    chmod 755 "$work/make"
    "$hook" review "$work/make"
    "$hook" review "$work/make"
    "$batchd" --config "$work/batchd.toml" wait review/articles.12 --timeout 60s >/dev/null
    expect 3 "$(wc -l <"$work/spool/outbox/review/articles.12/output.jsonl" | tr -d ' ')"
    expect 1 "$(find "$work/spool/outbox/review" -mindepth 1 -maxdepth 1 | wc -l | tr -d ' ')"
    ;;
copy-to-s3)
    needs rclone rclone
    export RCLONE_CONFIG="$work/rclone.conf"
    # Any of its remotes is written to in the same way; this one needs no account.
    printf '[archive]\ntype = alias\nremote = %s\n' "$work/bucket" >"$RCLONE_CONFIG"
    "$hook" archive:
    "$hook" archive:
    cmp "$BATCHD_FOLDER/output.jsonl" "$work/bucket/nightly/it's new/output.jsonl"
    ;;
*) fail "there is no test of $example" ;;
esac
