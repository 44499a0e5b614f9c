# A Debian 12 of our own, booted by its systemd. Sourced by run.sh.
#
# The container shares our network, so that it reaches a mirror, and the practice provider on the loopback device.

distribution=debian-12
container="" # the process of systemd-nspawn
leader=""    # the container's first process, as we see it

can_run_here() {
    can_make_trees
    local tool
    for tool in nsenter sqlite3 curl; do
        command -v "$tool" >/dev/null || skip "there is no $tool:  daemon/install-dependencies.sh service test"
    done
}

# A tree that can be booted, of our own to change.
make_tree() {
    bare_tree "$distribution"
    prepared_tree "$distribution" bootable sh -ec \
        "apt-get update --quiet && apt-get install --yes --quiet --no-install-recommends systemd systemd-sysv dbus ca-certificates" ||
        fail "the bare tree can't be made to boot"
    cp -a --reflink=auto "$trees/$distribution-bootable" "$work/tree"
    cp -a "$trees/$distribution/var/cache/apt/archives" "$work/tree/var/cache/apt/"
}

# What apt has fetched is kept with the bare tree, for the next run.
keep_downloads() { cp -au "$work/tree/var/cache/apt/archives" "$trees/$distribution/var/cache/apt/"; }

boot() {
    systemd-nspawn --directory="$work/tree" --machine="batchd-test-$$" --boot --register=no --keep-unit \
        --console=pipe --link-journal=no --timezone=off >"$work/console.log" 2>&1 </dev/null &
    container=$!
    wait_for 30 find_leader
    wait_for 60 prints running inside systemctl is-system-running
}

find_leader() {
    kill -0 "$container" 2>/dev/null || { cat "$work/console.log"; skip "systemd-nspawn can't boot a container here"; }
    leader=$(pgrep -P "$container" -x systemd)
}

inside() {
    nsenter --target "$leader" --all -- \
        env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 HOME=/root \
        DEBIAN_FRONTEND=noninteractive "$@"
}

# In the container, as alice (who is in the group batchd) or mallory (who is not).
as() { inside runuser -u "$1" -- env HOME="/home/$1" "${@:2}"; }

wait_until_container_ended() {
    wait_for 90 container_ended
    wait "$container" || true # 133 for a reboot
    container="" leader=""
}
container_ended() { ! kill -0 "$container" 2>/dev/null || [ "$(ps -o stat= -p "$container" | cut -c1)" = Z ]; }

kill_container() {
    [ -n "$container" ] || return 0
    # Its first process ends all others with it.
    [ -z "$leader" ] || kill -KILL "$leader" 2>/dev/null || true
    wait "$container" 2>/dev/null || true
}

# What systemd knows of the service.
property() { inside systemctl show --value --property="$1" batchd; }
is_active() { inside systemctl --quiet is-active batchd; }
status_says() { prints "$1" property StatusText; }
log_says() { prints "$1" inside journalctl --no-pager --quiet --unit batchd --boot; }
main_pid_is_not() { is_active && [ "$(property MainPID)" != "$1" ]; }

install_package() {
    cp "$1" "$work/tree/root/"
    local file=/root/${1##*/}
    inside apt-get install --yes --quiet "$file" >"$work/apt.log" 2>&1 && return
    inside apt-get update >"$work/apt.log" 2>&1 || { cat "$work/apt.log"; skip "the container reaches no mirror"; }
    inside apt-get install --yes --quiet "$file" >"$work/apt.log" 2>&1 || { cat "$work/apt.log"; fail "apt-get install"; }
}

show_what_happened() {
    [ -z "$leader" ] || {
        inside systemctl status --no-pager --full batchd || true
        inside journalctl --no-pager --lines=80 || true
    } >&2
}

# check_package FILE: as Debian would have it, and small.
check_package() {
    echo "service:   $(basename "$1"), $(($(stat -c %s "$1") / 1024)) KB"
    if command -v lintian >/dev/null; then
        is "what lintian has to say" "" lintian --allow-root "$1"
    else
        echo "service:   lintian is not here; the package is not checked with it"
    fi
}
