#!/bin/sh
# Takes the page's parts from npm, by the hashes in package-lock.json, and writes down those of the files. With --check
# nothing is fetched: the files are held against SHA256SUMS.
set -eu
cd "$(dirname "$0")"
if [ "${1:-}" != --check ]; then
    place=$(mktemp -d)
    trap 'rm -rf "$place"' EXIT
    cp package.json package-lock.json "$place"
    (cd "$place" && npm ci --ignore-scripts --no-audit --no-fund)
    cp "$place/node_modules/htmx.org/dist/htmx.min.js" "$place/node_modules/htmx.org/dist/ext/hx-sse.min.js" \
        "$place/node_modules/@picocss/pico/css/pico.classless.min.css" .
    sha256sum htmx.min.js hx-sse.min.js pico.classless.min.css >SHA256SUMS
fi
sha256sum --check --quiet SHA256SUMS
