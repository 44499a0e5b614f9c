#!/bin/sh
# From nothing to answers: installs what is missing, builds batchd, and sends five articles through it.
#
#   daemon/quickstart.sh           to the practice provider on this machine; costs nothing
#   daemon/quickstart.sh --real    to OpenAI, with OPENAI_API_KEY; costs a fraction of a cent and may take hours
#
# Everything that it makes is in one folder, build/quickstart, which the next run replaces.
set -eu
cd "$(dirname "$0")/.."

real=no
case "${1:-}" in
"") ;;
--real) real=yes ;;
*)
    echo "usage: $0 [--real]" >&2
    exit 2
    ;;
esac
if [ "$real" = yes ] && [ -z "${OPENAI_API_KEY:-}" ]; then
    echo "--real needs your key:  OPENAI_API_KEY=sk-… $0 --real" >&2
    exit 2
fi

say() { printf '\n\033[1m== %s\033[0m\n' "$*"; }

say "Installing what is missing, and building"
daemon/install-dependencies.sh build test
cmake -S . -B build -G Ninja -DCMAKE_BUILD_TYPE=Release -DBATCHD_UNITY=ON -DBUILD_TESTING=ON >/dev/null
cmake --build build --target batchd batchd-sim

here=$PWD/build/quickstart
rm -rf "$here"
mkdir -p "$here/inbox"

sim_pid="" daemon_pid=""
stop() {
    for pid in $daemon_pid $sim_pid; do kill "$pid" 2>/dev/null || true; done
    wait 2>/dev/null || true
}
trap stop EXIT
trap 'exit 130' INT TERM

# Waits until a file is there, while the process that makes it lives.
wait_for_file() {
    while [ ! -s "$1" ]; do
        kill -0 "$2" 2>/dev/null || {
            echo "it ended before it was ready:" >&2
            cat "$here"/*.log >&2
            exit 1
        }
        sleep 0.05
    done
}

if [ "$real" = yes ]; then
    base_url=https://api.openai.com/v1
    ca_line=""
    interval=30s
else
    say "Starting the practice provider"
    OPENAI_API_KEY=sk-practice
    export OPENAI_API_KEY
    build/tests/sim/batchd-sim --port 0 --port-file "$here/port" --data "$here/provider" --self-signed "$here/tls" \
        --key "$OPENAI_API_KEY" --validating 0.5 --in-progress 1.5 --finalizing 0.5 >"$here/provider.log" &
    sim_pid=$!
    wait_for_file "$here/port" "$sim_pid"
    base_url=https://localhost:$(cat "$here/port")/v1
    ca_line="ca_file = \"$here/tls/ca.pem\""
    interval=300ms
    echo "listening on $base_url"
fi

# A socket's path has room for 107 bytes; without this line it is /run/batchd/batchd.sock.
socket_line=
[ ${#here} -gt 90 ] || socket_line="socket = \"$here/batchd.sock\""

cat >"$here/batchd.toml" <<TOML
[spool]
inbox = "$here/inbox"
outbox = "$here/outbox"
rejected = "$here/rejected"
settle_time = "200ms"

[state]
directory = "$here/state"

[provider]
base_url = "$base_url"
$ca_line

[poll]
interval = "$interval"

[control]
$socket_line
TOML

say "Starting batchd"
build/daemon/batchd --config "$here/batchd.toml" run 2>"$here/batchd.log" &
daemon_pid=$!
wait_for_file "$here/state/batchd.db" "$daemon_pid"
echo "log: $here/batchd.log"

say "Dropping five articles into the inbox"
cp tests/samples/articles.jsonl "$here/inbox/.articles.part"
mv "$here/inbox/.articles.part" "$here/inbox/articles.jsonl"

ask() { sqlite3 "$@" 2>/dev/null || true; }
last=
while :; do
    now=$(ask "$here/state/batchd.db" "SELECT 'job ' || j.state || coalesce(', batch ' || b.status, '')
        FROM jobs j LEFT JOIN batches b ON b.job_id = j.id ORDER BY b.id DESC LIMIT 1")
    if [ -n "$now" ] && [ "$now" != "$last" ]; then
        echo "$(date +%T)  $now"
        last=$now
    fi
    case $now in
    "job done"* | "job failed"* | "job rejected"*) break ;;
    esac
    kill -0 "$daemon_pid" 2>/dev/null || {
        echo "batchd has ended:" >&2
        cat "$here/batchd.log" >&2
        exit 1
    }
    sleep 0.1
done

say "The answers, in the order of the input"
if command -v python3 >/dev/null; then
    python3 - "$here/outbox/articles/output.jsonl" <<'PY'
import json, sys
for line in open(sys.argv[1], encoding="utf-8"):
    row = json.loads(line)
    answer = row["response"]["body"]["choices"][0]["message"]["content"]
    print(row["custom_id"] + ": " + " ".join(answer.split()))
PY
else
    cut -c -160 "$here/outbox/articles/output.jsonl"
fi

say "The outbox"
ls -l "$here/outbox/articles"

say "The state:  sqlite3 -box $here/state/batchd.db 'SELECT …'"
sqlite3 -box "$here/state/batchd.db" \
    "SELECT id, name, state, requests, succeeded, failed, input_tokens, output_tokens FROM jobs"
sqlite3 -box "$here/state/batchd.db" "SELECT batch_id, status, model, requests, completed, failed FROM batches"

case $last in
"job done"*) ;;
*)
    echo "the job did not end as done" >&2
    exit 1
    ;;
esac
say "What next"
cat <<NEXT
  your own file:        build/daemon/batchd check FILE.jsonl      says what is wrong with it, and how it would be split
  with OpenAI:          OPENAI_API_KEY=sk-… daemon/quickstart.sh --real
  as a service:         see "Install" in README.md
  the configuration:    config/batchd.toml has every key with its default and what it is for
NEXT
