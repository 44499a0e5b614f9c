# Checks, and waiting for what they check. Sourced by run.sh.

checks=0
scenario="preparation"

fail() {
    echo "service: $scenario: FAILED: $*" >&2
    exit 1
}

# check WHAT COMMAND…: the command succeeds.
check() {
    local what=$1
    shift
    "$@" >"$work/check.log" 2>&1 || { cat "$work/check.log" >&2; fail "$what:  $*"; }
    checks=$((checks + 1))
}

# check_fails WHAT COMMAND…: the command fails, by its own exit code.
check_fails() {
    local what=$1
    shift
    if "$@" >"$work/check.log" 2>&1; then cat "$work/check.log" >&2; fail "$what:  $*"; fi
    checks=$((checks + 1))
}

# is WHAT EXPECTED COMMAND…: the command prints just that.
is() {
    local what=$1 expected=$2 printed
    shift 2
    printed=$("$@" 2>&1) || true
    [ "$printed" = "$expected" ] || fail "$what: expected '$expected', not '$printed', of:  $*"
    checks=$((checks + 1))
}

# has WHAT TEXT COMMAND…: what the command prints has the text in it.
has() {
    local what=$1 text=$2 printed
    shift 2
    printed=$("$@" 2>&1) || true
    case $printed in
    *"$text"*) checks=$((checks + 1)) ;;
    *) fail "$what: no '$text' in '$printed', of:  $*" ;;
    esac
}

prints() { # prints TEXT COMMAND…
    local text=$1 printed
    shift
    printed=$("$@" 2>/dev/null) || true
    [[ $printed == *"$text"* ]]
}

# wait_for SECONDS COMMAND…: tries until the command succeeds; fails when the time is up.
wait_for() {
    local deadline=$((SECONDS + $1)) command=("${@:2}")
    until "${command[@]}" >/dev/null 2>&1; do
        [ "$SECONDS" -lt "$deadline" ] || fail "not within $1 s:  ${command[*]}"
        sleep 0.1
    done
    checks=$((checks + 1))
}

now_ms() { date +%s%3N; }

run_scenario() {
    local start=$SECONDS
    scenario=$1
    "$1"
    echo "service: $scenario: passed in $((SECONDS - start)) s"
}
