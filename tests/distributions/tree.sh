# Bare trees of Debian and Ubuntu, and commands in them. Sourced by those that need one.
#
# A tree is made once, by debootstrap, and never changed: what runs in it writes to a layer of its own that is gone
# afterwards. What is installed on top of it is kept as a tree beside it, for as long as its recipe stays the same.

skipped=77 # ctest's word for it, and .ci/run's
trees=${BATCHD_TREES:-/var/cache/batchd-test}

skip() {
    echo "skipped: $*"
    exit "$skipped"
}

can_make_trees() {
    [ "$(id -u)" = 0 ] || skip "needs root"
    local tool
    for tool in systemd-nspawn debootstrap; do
        command -v "$tool" >/dev/null || skip "there is no $tool:  daemon/install-dependencies.sh service"
    done
    # A kernel that lets nobody mount, as in most build containers.
    unshare --mount true 2>/dev/null || skip "mount namespaces are not permitted here"
}

# bare_tree DISTRIBUTION: makes $trees/DISTRIBUTION, with nothing but what every system has.
bare_tree() {
    local distribution=$1 suite mirror=http://deb.debian.org/debian components=main script
    [ ! -d "$trees/$distribution" ] || return 0
    case $distribution in
    debian-12) suite=bookworm script=bookworm ;;
    debian-13) suite=trixie script=trixie ;;
    # Debian 12 does not know it by name yet; Ubuntu's are all made by the same script.
    ubuntu-24.04) suite=noble mirror=http://archive.ubuntu.com/ubuntu components=main,universe script=jammy ;;
    *)
        echo "there is no recipe for a tree of $distribution" >&2
        exit 2
        ;;
    esac
    mkdir -p "$trees"
    rm -rf "$trees/$distribution.new"
    echo "making a bare tree of $distribution"
    # Where a distribution's keys are not installed, debootstrap goes on without: what is built in the tree stays there.
    debootstrap --variant=minbase --components="$components" "$suite" "$trees/$distribution.new" "$mirror" \
        "/usr/share/debootstrap/scripts/$script" \
        >"$trees/$distribution.log" 2>&1 ||
        { tail -n 3 "$trees/$distribution.log"; skip "debootstrap found no mirror of $distribution, or could not make the tree"; }
    # How this machine reaches a mirror, where that is not the plain way.
    apt-config dump | grep -E '^Acquire::(https?|Check|Retries|Force)' >"$trees/$distribution.new/etc/apt/apt.conf.d/90machine" || true
    rm -f "$trees/$distribution.new/etc/hostname"
    mv "$trees/$distribution.new" "$trees/$distribution"
}

# in_tree TREE [--bind=…]… COMMAND…: with our network, as root, on a layer of its own.
in_tree() {
    local tree=$1
    shift
    nspawn --volatile=overlay --directory="$tree" "$@"
}

nspawn() {
    systemd-nspawn --quiet --register=no --keep-unit --as-pid2 --pipe --link-journal=no --timezone=off --setenv=LC_ALL=C.UTF-8 \
        --setenv=DEBIAN_FRONTEND=noninteractive "$@" </dev/null
}

# prepared_tree DISTRIBUTION NAME [--bind=…]… COMMAND…: what COMMAND makes of the bare tree is $trees/DISTRIBUTION-NAME.
# Downloaded packages are kept with the bare tree, for the next one.
prepared_tree() {
    local bare=$trees/$1 prepared=$trees/$1-$2
    shift 2
    [ ! -d "$prepared" ] || return 0
    rm -rf "$prepared.new"
    cp -a --reflink=auto "$bare" "$prepared.new"
    nspawn --directory="$prepared.new" "$@" >"$prepared.log" 2>&1 || { tail -n 20 "$prepared.log"; return 1; }
    cp -au "$prepared.new/var/cache/apt/archives" "$bare/var/cache/apt/"
    rm -f "$prepared.new"/var/cache/apt/archives/*.deb
    mv "$prepared.new" "$prepared"
}

# tree_with DISTRIBUTION SOURCE SET…: the bare tree and what SOURCE/daemon/install-dependencies.sh installs for these
# sets, in $tree. Another list is another tree.
tree_with() {
    local distribution=$1 source=$2 sets name
    shift 2
    bare_tree "$distribution"
    sets=$(echo "$*" | tr ' ' -)
    name=$sets-$(cksum <"$source/daemon/install-dependencies.sh" | cut -d ' ' -f 1)
    tree=$trees/$distribution-$name
    if [ ! -d "$tree" ]; then
        echo "installing in $distribution: $*"
        rm -rf "$trees/$distribution-$sets-"[0-9]* # of older lists
    fi
    prepared_tree "$distribution" "$name" --bind-ro="$source:/source" /source/daemon/install-dependencies.sh "$@"
}
