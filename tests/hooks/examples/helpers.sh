# What the tests of the examples have in common; sourced, with $batchd, $sim and $here set.
# shellcheck shell=sh
# shellcheck disable=SC2154 # set by who sources it

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

# receive PROTOCOL PORT-FILE FILE: a receiver that writes what it gets; `wait "$receiver"` until it has.
receive() {
    python3 "$here/receiver.py" "$1" "$2" >"$3" &
    receiver=$!
    pids="$pids $receiver"
    wait_for_file "$2"
}

# A daemon at a practice provider, with these tables in its configuration beside the usual ones.
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
$1
TOML
    OPENAI_API_KEY=sk-practice "$batchd" --config "$work/batchd.toml" run 2>"$work/log" &
    pids="$pids $!"
    wait_for_file "$work/state/batchd.db"
}
