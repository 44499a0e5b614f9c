#!/bin/sh
# run.sh BATCHD BATCHD_SIM WORK_DIR: a browser against daemon, practice provider and page. Screenshots are in
# WORK_DIR/screenshots. Exit codes: 77 where there is no Node.js or no Chromium.
set -eu
batchd=$1
sim=$2
work=$3
here=$(cd "$(dirname "$0")" && pwd)

CHROMIUM=$(command -v chromium || command -v chromium-browser || true)
if [ -z "$CHROMIUM" ] || ! command -v npm >/dev/null; then
    echo "skipped: Chromium or Node.js is not here"
    exit 77
fi
rm -rf "$work"
mkdir -p "$work/inbox"
cp "$here/.npmrc" "$here/package.json" "$here/package-lock.json" "$here"/*.mjs "$work"
cd "$work"
npm ci --silent --ignore-scripts

started=
stop() {
    for pid in $started; do kill "$pid" 2>/dev/null || true; done
}
trap stop EXIT

# first_line FIFO PATTERN: waits for the line that matches, and prints it.
first_line() {
    while read -r line; do
        case $line in $2*) echo "$line" && break ;; esac
    done <"$1"
}

mkfifo ready link
"$sim" --data "$work/data" --key sk-practice >ready 2>sim.log &
started="$started $!"
base=$(first_line ready "listening on ")
port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
cat >batchd.toml <<EOF
[spool]
inbox = "$work/inbox"
outbox = "$work/outbox"
rejected = "$work/rejected"
settle_time = "0s"
[state]
directory = "$work/state"
[provider]
base_url = "${base#listening on }"
list_lag = "0s"
[poll]
interval = "200ms"
[control]
socket = "$work/control.sock"
[web]
listen = "127.0.0.1:$port"
show_requests = true
[queue.nightly]
schedule = "0 2 * * *"
EOF
export RUNTIME_DIRECTORY="$work" OPENAI_API_KEY=sk-practice
"$batchd" --config batchd.toml run 2>daemon.log &
DAEMON_PID=$!
started="$started $DAEMON_PID"
"$batchd" --config batchd.toml web >"link" 2>page.log &
started="$started $!"
PAGE_LINK=$(first_line link "http://")
export PAGE_LINK PAGE_WORK="$work" CHROMIUM DAEMON_PID PROVIDER="${base#listening on }"
node --test page.test.mjs
