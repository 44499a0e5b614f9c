# The practice provider, on this machine's loopback device, and its ledger. Sourced by run.sh.

provider_pid="" provider=""
key=sk-practice-0123456789abcdef

start_provider() {
    "$sim" --data "$work/provider" --port 0 --port-file "$work/port" --key "$key" \
        >"$work/provider.log" 2>&1 &
    provider_pid=$!
    wait_for 10 test -s "$work/port"
    provider=http://127.0.0.1:$(cat "$work/port")
}

stop_provider() {
    [ -z "$provider_pid" ] || kill "$provider_pid" 2>/dev/null || true
}

tell_provider() { # tell_provider ROUTE JSON
    curl --silent --show-error --fail --data "$2" "$provider/admin/$1" >/dev/null || fail "the provider does not take $1 $2"
}

end_faults() { curl --silent --fail -X DELETE "$provider/admin/faults" >/dev/null || fail "the provider keeps its faults"; }

report() { # report JSON-PATH
    curl --silent --show-error --fail "$provider/admin/report?rows=0" >"$work/report.json"
    sqlite3 :memory: "SELECT json_extract(readfile('$work/report.json'), '$1')"
}

provider_never_paid_twice() {
    is "nothing was paid for twice" "[]" report '$.violations'
}

# From here on batches run until somebody says otherwise; finish_batches lets the day pass.
hold_batches() { tell_provider settings '{"in_progress": 36000}'; }
finish_batches() {
    tell_provider settings '{"in_progress": 0}'
    tell_provider clock '{"advance_seconds": 40000}'
}
