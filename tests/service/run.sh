#!/usr/bin/env bash
# Installs the Debian package into a Debian 12 that systemd has booted, in a container, and lives through what an operator
# lives through: first answers, a killed and a frozen daemon, reloads, a stop in mid-upload, a full disk, a reboot, an
# upgrade, removal. The practice provider runs beside it, and its ledger says whether anything was paid for twice.
#
#   tests/service/run.sh             everything
#   BATCHD_BUILD=DIR …/run.sh        with what is built in DIR, as it is, instead of what build/ is made to hold
#   BATCHD_TREES=DIR …/run.sh        keeps the bare Debian elsewhere than /var/cache/batchd-test; it is made once
#
# Needs root, systemd-nspawn, debootstrap and a mirror; where one is missing it says so and ends with 77, "skipped".
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
source_dir=$(cd "$here/../.." && pwd)
build=${BATCHD_BUILD:-$source_dir/build}
trees=${BATCHD_TREES:-/var/cache/batchd-test}
work=$(mktemp -d /var/tmp/batchd-service.XXXXXX)

. "$here/checks.sh"
. "$here/container.sh"
. "$here/provider.sh"
. "$here/scenarios.sh"

clean_up() {
    local code=$?
    trap - EXIT
    if [ "$code" != 0 ] && [ "$code" != "$skipped" ]; then show_what_happened; fi
    stop_provider
    kill_container
    rm -rf "$work"
    [ "$code" != 0 ] || echo "service: $checks checks passed in $SECONDS s"
    exit "$code"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

# The same package twice: as it is, and as the next release of it.
make_packages() {
    if [ -z "${BATCHD_BUILD:-}" ]; then
        cmake -S "$source_dir" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DBATCHD_UNITY=ON >/dev/null
        cmake --build "$build" --target batchd batchd-sim documents
    fi
    (cd "$build" && cpack -B "$work/packages" && cpack -B "$work/packages" -D CPACK_DEBIAN_PACKAGE_RELEASE=2) >"$work/cpack.log" ||
        { cat "$work/cpack.log"; exit 1; }
    first_package=$(ls "$work"/packages/batchd_*-1_*.deb)
    second_package=$(ls "$work"/packages/batchd_*-2_*.deb)
}

can_run_here
make_packages
check_package "$first_package"
make_tree
start_provider
boot

for scenario in installs_and_waits_for_a_key answers_a_user_of_the_group keeps_others_out \
    survives_a_kill survives_a_kill_in_doubt is_restarted_when_frozen \
    takes_a_new_interval refuses_a_broken_configuration stops_in_time_in_the_middle_of_an_upload \
    waits_for_room_on_a_full_disk takes_an_encrypted_key makes_its_folders_and_its_state_again goes_on_after_a_reboot goes_on_after_an_upgrade \
    leaves_data_when_removed leaves_nothing_when_purged_empty; do
    run_scenario $scenario
done
