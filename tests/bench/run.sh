#!/bin/sh
# Builds release and measures batchd beside curl, the official client, cp and sha256sum:  tests/bench/run.sh [--quick]
# `--help` says what else there is. It takes about half an hour; --quick a few minutes.
set -eu
cd "$(dirname "$0")/../.."

daemon/install-dependencies.sh build test bench
cmake --preset bench >/dev/null
cmake --build --preset bench
exec python3 tests/bench/bench.py --build build-bench "$@"
