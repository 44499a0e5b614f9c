#!/bin/sh
# run.sh BATCHD_SIM WORK_DIR: the official client against batchd-sim, over plain HTTP and over TLS.
# Exit codes: 77 where there is no Node.js.
set -eu
sim=$1
work=$2
here=$(cd "$(dirname "$0")" && pwd)

if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
    echo "skipped: Node.js is not here"
    exit 77
fi

rm -rf "$work/data" "$work/tls"
mkdir -p "$work"
cp "$here/.npmrc" "$here/package.json" "$here/package-lock.json" "$here"/*.mjs "$work"
cd "$work"
npm ci --silent

server=
trap 'test -z "$server" || kill "$server" 2>/dev/null || true' EXIT

# flow NAME TEST OPTIONS…: starts the server with the options, and lets the client at it.
flow() {
    echo "== $1"
    test=$2
    shift 2
    mkfifo "$work/ready.$$"
    "$sim" --data "$work/data" --virtual-clock "$@" >"$work/ready.$$" &
    server=$!
    while read -r line; do
        case $line in "listening on "*) SIM_BASE_URL=${line#listening on } && break ;; esac
    done <"$work/ready.$$"
    rm "$work/ready.$$"
    export SIM_BASE_URL SIM_OPENAPI="$here/../openapi.yaml"
    node --test "$test"
    kill "$server"
    wait "$server"
    server=
}

flow "plain HTTP" complete_flow.test.mjs
for SIM_LIKE in azure azure-api-version; do
    export SIM_LIKE
    flow "like $SIM_LIKE" azure_flow.test.mjs --like "$SIM_LIKE"
done
# Node.js reads this when it starts, which it does after the server has made the file.
export NODE_EXTRA_CA_CERTS="$work/tls/ca.pem"
flow "TLS" complete_flow.test.mjs --self-signed "$work/tls"
