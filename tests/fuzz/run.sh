#!/bin/sh
# Looks for input that breaks a parser, with libFuzzer under ASan and UBSan.
#
#   tests/fuzz/run.sh [SECONDS [TARGET…]]     each target for so long (600), or only those that are named
#
# What it learns goes into build-fuzz/found/TARGET; --merge TARGET… takes the smallest inputs of these that cover the
# same into tests/fuzz/corpus, which the tests replay. An input that breaks something is written to
# build-fuzz/broken/ and belongs into the corpus, with the mending.
set -eu
cd "$(dirname "$0")/../.."
all="request_line result_line result_files api_object http_response configuration retry_after file_name price_file cron_line direct_journal"

merge=no
if [ "${1:-}" = --merge ]; then
    merge=yes
    shift
else
    seconds=${1:-600}
    [ $# -eq 0 ] || shift
fi
[ $# -gt 0 ] || set -- $all

daemon/install-dependencies.sh build test clang
cmake --preset fuzz >/dev/null
for target in "$@"; do cmake --build --preset fuzz --target "fuzz_$target"; done

if [ "$merge" = yes ]; then
    for target in "$@"; do
        "build-fuzz/tests/fuzz/fuzz_$target" -merge=1 -max_len=4096 "tests/fuzz/corpus/$target" "build-fuzz/found/$target"
    done
    exit 0
fi

broken=0
for target in "$@"; do
    mkdir -p "build-fuzz/found/$target" build-fuzz/broken
    log=build-fuzz/$target.log
    if "build-fuzz/tests/fuzz/fuzz_$target" -max_total_time="$seconds" -max_len=4096 -timeout=10 -rss_limit_mb=2048 \
        -print_final_stats=1 "-artifact_prefix=build-fuzz/broken/$target-" \
        "build-fuzz/found/$target" "tests/fuzz/corpus/$target" >"$log" 2>&1; then
        verdict="nothing found"
    else
        verdict="BROKEN, see $log"
        broken=$((broken + 1))
    fi
    runs=$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")
    echo "$target: ${runs:-no} inputs in $seconds s: $verdict"
done
[ "$broken" = 0 ]
