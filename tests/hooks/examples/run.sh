#!/bin/sh
# run.sh EXAMPLE EXAMPLES BATCHD SIM: one of config/examples/hooks, run twice for one job as `batchd hooks` may do it, with the
# real program. Exit code 77 where that is not there.
set -eu
example=$1 hook=$2/$1 batchd=$3 sim=$4
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/hooks/examples/helpers.sh
. "$here/helpers.sh"

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
    receive smtp "$work/port" "$work/mail"
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
    receive http "$work/port" "$work/message"
    echo "json://127.0.0.1:$(cat "$work/port")/" >"$work/services"
    APPRISE_CONFIG=$work/services "$hook"
    wait "$receiver"
    has "$work/message" "3 answered, 0 failed"
    has "$work/message" "success"
    ;;
next-job)
    start_batchd "[queue.review]
model = \"gpt-4o-mini\""
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
    "$batchd" --config "$work/batchd.toml" wait review/articles.12 --timeout 10m >/dev/null
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
