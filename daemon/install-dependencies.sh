#!/bin/sh
# The one list of Debian packages that batchd needs, and their installation.
#
#   daemon/install-dependencies.sh [build] [package] [test] [bench] [check] [service] [clang]
#
#   build   the daemon          package   its Debian package      test   its tests as well
#   check   format, lint, official clients, promtool, a browser, a balancer, what hooks are for   service   bare and booted trees
#   bench   what it is measured with, and against                 clang   sanitizers and libFuzzer
#
# Does nothing when all of them are there. Without root it says which are missing, and fails.
set -eu

boost=libboost-dev # 1.83 in Debian 13 and Ubuntu 24.04
. /etc/os-release
if [ "${ID:-}" = debian ] && [ "${VERSION_ID:-}" = 12 ]; then
    boost=libboost1.81-dev
fi

build="ca-certificates cmake ninja-build g++ pkg-config $boost libssl-dev libsimdjson-dev libsqlite3-dev
       libtomlplusplus-dev libcli11-dev libxxhash-dev libspdlog-dev libfmt-dev libsystemd-dev libcctz-dev prometheus-cpp-dev tzdata"
package="dpkg-dev file" # CPack and dpkg-shlibdeps call file
service="systemd-container debootstrap lintian"
test="libgtest-dev sqlite3 curl openssl python3"
bench="libbenchmark-dev python3 python3-venv curl strace"
# Behind the balancer is what config/examples/hooks are for.
check="git python3 python3-venv clang-format-19 clang-tidy-19 shellcheck prometheus chromium haproxy apprise msmtp postgresql rclone"
# A Node.js of another origin is as good, and Debian's would get in its way.
command -v npm >/dev/null 2>&1 || check="$check nodejs npm"

clang="clang-19 libclang-rt-19-dev"

wanted=""
for set in "${@:-build}"; do
    case $set in
    build) wanted="$wanted $build" ;;
    package) wanted="$wanted $package" ;;
    service) wanted="$wanted $service" ;;
    test) wanted="$wanted $test" ;;
    bench) wanted="$wanted $bench" ;;
    check) wanted="$wanted $check" ;;
    clang) wanted="$wanted $clang" ;;
    *)
        echo "usage: $0 [build] [package] [test] [bench] [check] [service] [clang]" >&2
        exit 2
        ;;
    esac
done

missing=""
for package in $wanted; do
    status=$(dpkg-query --showformat='${db:Status-Status}' --show "$package" 2>/dev/null || true)
    [ "$status" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" != 0 ]; then
    echo "These packages are missing; install them as root:  apt-get install$missing" >&2
    exit 1
fi
echo "installing:$missing"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
# shellcheck disable=SC2086 # a list of words
apt-get install -qq --yes --no-install-recommends $missing >/dev/null
