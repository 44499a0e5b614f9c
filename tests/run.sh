#!/bin/sh
# Installs what is missing, builds everything and runs all tests. Arguments go to ctest:  tests/run.sh -R store
#
#   BATCHD_PRESET=asan tests/run.sh    the same with another preset of CMakePresets.json (dev, asan, tsan)
set -eu
cd "$(dirname "$0")/.."
preset=${BATCHD_PRESET:-dev}

sets="build test"
case $preset in
asan | tsan) sets="$sets clang" ;;
esac
# shellcheck disable=SC2086 # a list of words
daemon/install-dependencies.sh $sets
cmake --preset "$preset" >/dev/null
cmake --build --preset "$preset"
# More at once than there are processors: most tests wait for a daemon, a timer or a disk.
ctest --preset "$preset" --parallel $(($(nproc) * 2)) "$@"
