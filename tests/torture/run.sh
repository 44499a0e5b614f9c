#!/bin/sh
# Builds what it needs and tortures a release build of batchd. The last lines are the figures; exit code 0 says that
# nothing was found.
#
#   tests/torture/run.sh                          a sample of everything; about a minute
#   tests/torture/run.sh --full                   everything: kill, error, power, restore, notices, hooks, random, and ten minutes of soak
#   tests/torture/run.sh power --full             one kind: kill, error, power, restore, notices, hooks, random or soak
#   tests/torture/run.sh kill --direct --full     kill, error or power, with a server that has no batch API
#   tests/torture/run.sh random --full            1,000 histories, with lies of the provider mixed in
#   tests/torture/run.sh kill --sample 200 --seed 7
#   tests/torture/run.sh kill --seed 1 --at 897   one run again
set -eu
cd "$(dirname "$0")/../.."

kinds="" options="" full=no
for argument in "$@"; do
    case $argument in
    kill | error | power | restore | notices | hooks | random | soak) kinds="$kinds $argument" ;;
    --full) full=yes ;;
    *) options="$options $argument" ;;
    esac
done
case "$full $options" in
yes*) [ -n "$kinds" ] || kinds="kill error power restore notices hooks random soak" ;;
*--sample* | *--at* | *--minutes*) ;;
*) options="$options --sample 40" ;;
esac
[ -n "$kinds" ] || kinds="kill error power restore notices hooks random"

daemon/install-dependencies.sh build test
cmake --preset dev >/dev/null
cmake --build --preset dev --target batchd-torture
cmake --preset release >/dev/null
cmake --build --preset release

failed=0 figures=$(mktemp)
trap 'rm -f "$figures"' EXIT
torture() {
    # shellcheck disable=SC2086 # a list of words
    build-dev/tests/torture/batchd-torture "$@" --jobs "$(nproc)" --daemon build-release/daemon/batchd $options \
        >>"$figures" || failed=1
}
for kind in $kinds; do
    torture "$kind"
    case "$kind $options" in
    *--direct* | *--at*) ;;
    kill* | error* | power*) torture "$kind" --direct ;;
    esac
done
cat "$figures"
exit $failed
