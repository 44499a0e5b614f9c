#!/bin/sh
# whole_way.sh EXAMPLES BATCHD SIM: "The whole way" of README.md, with its commands: requests are collected and sent together, the
# answers go on to the next queue and into a database, somebody is told, and the bill is there.
set -eu
examples=$1 batchd=$2 sim=$3
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=tests/hooks/examples/helpers.sh
. "$here/helpers.sh"
needs sqlite3 sqlite3

receive http "$work/slack" "$work/message"
echo "http://127.0.0.1:$(cat "$work/slack")/services/T0/B0/x" >"$work/slack_url"
start_batchd "[queue.summaries]
model = \"gpt-4o-mini\"
defaults = { max_completion_tokens = 300 }
schedule = \"0 2 1 1 *\"
timezone = \"Europe/Berlin\"
budget = \"20 USD/day\"
then = \"translations\"
then_template = '{\"messages\": [{\"role\": \"user\", \"content\": \"Translate into German: {{answer}}\"}]}'

[queue.translations]
model = \"gpt-4o-mini\"

[notify.editors]
kind = \"slack\"
url_file = \"$work/slack_url\"
on = [\"done\", \"failed\", \"budget\"]

[notify.database]
kind = \"command\"
command = [\"$examples/load-sqlite\", \"$work/articles.db\"]
on = [\"done\"]"
batchd() { "$batchd" --config "$work/batchd.toml" "$@"; }
"$batchd" --config "$work/batchd.toml" hooks --state "$work/hooks" >"$work/hooks.log" 2>&1 &
pids="$pids $!"

sqlite3 "$work/articles.db" "CREATE TABLE articles (id TEXT, title TEXT, text TEXT, day TEXT);
  INSERT INTO articles VALUES ('a1', 'Tea', 'On \"tea\"', date('now')), ('a2', 'Rain', 'On rain', date('now'))"
sqlite3 "$work/articles.db" "SELECT json_object('custom_id', id, 'body', json_object('messages', json_array(
  json_object('role', 'user', 'content', 'Summarise: ' || text)))) FROM articles WHERE day = date('now')" >"$work/today.jsonl"
batchd check "$work/today.jsonl" --queue summaries >/dev/null
batchd submit "$work/today.jsonl" --queue summaries >/dev/null
wait_for_line() { # wait_for_line SQL: until the database of batchd answers with something
    tries=0
    while [ -z "$(sqlite3 "$work/state/batchd.db" "$1")" ]; do
        tries=$((tries + 1))
        [ $tries -lt 600 ] || fail "it does not come: $1: $(cat "$work/log")"
        python3 -c 'import time; time.sleep(0.1)'
    done
}
wait_for_line "SELECT 1 FROM waiting WHERE queue = 'summaries'"
batchd queues >"$work/queues"
has "$work/queues" "-01-01T01:00:00Z"
has "$work/queues" "0 of 20 USD/day"
batchd release summaries >/dev/null # what the schedule does at night
wait_for_line "SELECT 1 FROM jobs WHERE queue = 'translations' AND state = 'done'"
wait_for_line "SELECT 1 FROM events WHERE kind = 'hook_run' LIMIT 1 OFFSET 1"

cmp "$work/today.jsonl" "$work/spool/outbox/summaries/today/input.jsonl"
has "$work/spool/outbox/translations/today/input.jsonl" '{"custom_id":"a1","body":{"messages":[{"role":"user","content":"Translate into German: '
expect 4 "$(sqlite3 "$work/articles.db" "SELECT count(*) FROM articles a JOIN answers b ON b.custom_id = a.id WHERE b.answer <> ''")"
wait "$receiver"
has "$work/message" "summaries/today is done"
batchd cost --by queue --since 1d >"$work/bill"
has "$work/bill" "summaries"
has "$work/bill" "translations"
saved=$(batchd cost --by queue --since 1d --json | python3 -c 'import json, sys; print(json.load(sys.stdin)["total"]["saved"] > "0")')
expect True "$saved"
