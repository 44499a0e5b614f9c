#!/usr/bin/env bash
# Builds the Debian package in a bare Debian 12 and runs the quickstart there, as README has them. Then it installs the
# package into one that systemd has booted, and lives through what an operator lives through: first answers, a killed and a
# frozen daemon, reloads, a stop in mid-upload, a full disk, a timer, a reboot, an upgrade, removal. The practice provider
# runs beside it, and its ledger says whether anything was paid twice.
#
#   tests/service/run.sh             everything
#   BATCHD_BUILD=DIR …/run.sh        with what is built in DIR, as it is: a developer's quick way
#   BATCHD_SIM=PROGRAM …/run.sh      with this practice provider, instead of one that is built for it
#   BATCHD_TREES=DIR …/run.sh        keeps the bare trees elsewhere than in /var/cache/batchd-test; they are made once
#
# Needs root, systemd-nspawn, debootstrap and a mirror; where one is missing it says so and ends with 77, "skipped".
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
source_dir=$(cd "$here/../.." && pwd)
build=${BATCHD_BUILD:-$source_dir/build}
sim=${BATCHD_SIM:-$build/tests/sim/batchd-sim}
work=$(mktemp -d /var/tmp/batchd-service.XXXXXX)

. "$here/../distributions/tree.sh"
. "$here/checks.sh"
. "$here/container.sh"
. "$here/provider.sh"
. "$here/scenarios.sh"
. "$here/writers.sh"
. "$here/page.sh"

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

# The practice provider, for this machine.
make_provider() {
    [ -z "${BATCHD_BUILD:-}${BATCHD_SIM:-}" ] || return 0
    cmake -S "$source_dir" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DBATCHD_UNITY=ON >/dev/null
    cmake --build "$build" --target batchd-sim
}

# The package as README.md has it made, in a bare tree, and once more as the next release of it.
make_packages() {
    local commands='cmake --preset release -S /source -B /source/build
                    cmake --build /source/build --target package
                    cd /source/build && cpack -D CPACK_DEBIAN_PACKAGE_RELEASE=2'
    if [ -n "${BATCHD_BUILD:-}" ]; then
        (cd "$build" && cpack -B "$work/packages" && cpack -B "$work/packages" -D CPACK_DEBIAN_PACKAGE_RELEASE=2) \
            >"$work/cpack.log" || { cat "$work/cpack.log"; fail "cpack"; }
    else
        tree_with "$distribution" "$source_dir" build package || fail "install-dependencies.sh build package"
        mkdir -p "$work/packages" "$source_dir/build"
        in_tree "$tree" --bind-ro="$source_dir:/source" --bind="$work/packages:/source/build" sh -ec "$commands" ||
            fail "the package can't be built on a machine that has nothing but install-dependencies.sh build package"
    fi
    first_package=$(ls "$work"/packages/batchd_*-1_*.deb)
    second_package=$(ls "$work"/packages/batchd_*-2_*.deb)
}

# On a machine that has nothing yet; but what the package is made of need not be compiled again.
run_quickstart() {
    [ -z "${BATCHD_BUILD:-}" ] || return 0
    check "the quickstart in a bare tree" in_tree "$trees/$distribution" --bind-ro="$source_dir:/source" \
        --bind="$work/packages:/source/build" /source/daemon/quickstart.sh
}

can_run_here
make_provider
make_packages
run_quickstart
check_package "$first_package"
make_tree
start_provider
boot

for scenario in installs_and_waits_for_a_key answers_a_user_of_the_group keeps_others_out waits_for_a_writer takes_commands_of_the_group shows_the_page_to_the_group \
    survives_a_kill survives_a_kill_in_doubt is_restarted_when_frozen \
    takes_a_new_interval refuses_a_broken_configuration stops_in_time_in_the_middle_of_an_upload \
    waits_for_room_on_a_full_disk takes_an_encrypted_key works_by_a_timer makes_its_folders_and_its_state_again goes_on_after_a_reboot goes_on_after_an_upgrade \
    leaves_data_when_removed leaves_nothing_when_purged_empty; do
    run_scenario $scenario
done
