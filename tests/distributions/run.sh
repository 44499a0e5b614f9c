#!/usr/bin/env bash
# Builds batchd and its package in bare trees of the distributions that it is for, and runs the tests of its rooms: what
# another compiler and other versions of the libraries may break.
#
#   tests/distributions/run.sh DISTRIBUTION…    of debian-12, debian-13, ubuntu-24.04
#   BATCHD_TESTS=all …/run.sh                   all tests but those that take the daemon apart at every system call: what
#                                               the kernel and the machine may break, and they take ten times as long
#   BATCHD_TREES=DIR …/run.sh                   keeps the trees elsewhere than in /var/cache/batchd-test
#
# Each is built in build-DISTRIBUTION. Needs root, systemd-nspawn, debootstrap and a mirror; where one is missing it says
# so and ends with 77, "skipped".
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
source_dir=$(cd "$here/../.." && pwd)

. "$here/tree.sh"

# What a user of the distribution does, and the tests. The package is made of what was built for them: cpack alone, for the
# target "package" would build every test first.
case ${BATCHD_TESTS:-unit} in
unit) targets="batchd documents unit_tests" tests="--label-regex unit" ;;
all) targets="all" tests='--label-exclude "torture|openai_client|croniter"' ;;
*)
    echo "BATCHD_TESTS is unit or all" >&2
    exit 2
    ;;
esac
build_and_test="
    cmake --preset dev -S /source -B /build >/dev/null
    cmake --build /build --target $targets
    cpack -B /build/packages
    ctest --test-dir /build --output-on-failure --parallel \$((\$(nproc) * 2)) --no-tests=error $tests"

# In a shell of its own: the first step that fails, or is skipped, ends it.
test_in() (
    set -e
    local distribution=$1 start=$SECONDS tree
    tree_with "$distribution" "$source_dir" build package test
    mkdir -p "$source_dir/build-$distribution"
    in_tree "$tree" --bind-ro="$source_dir:/source" --bind="$source_dir/build-$distribution:/build" --chdir=/build \
        sh -ec "$build_and_test"
    echo "$distribution: passed in $((SECONDS - start)) s"
)

# Not as a condition: a shell would go on after a step that failed.
run() {
    set +e
    test_in "$1"
    code=$?
    set -e
}

[ $# -gt 0 ] || { sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0" >&2; exit 2; }
can_make_trees
result=0
for distribution in "$@"; do
    run "$distribution"
    case $code in
    0) ;;
    "$skipped") [ "$result" != 0 ] || result=$skipped ;;
    *) result=$code ;;
    esac
done
exit "$result"
