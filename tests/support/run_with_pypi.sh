#!/bin/sh
# run_with_pypi.sh SCRIPT PROGRAM WORK_DIR MORE…: our program before a library that nobody here wrote. SCRIPT gets the program and
# what comes behind the folder; beside it, requirements.txt says what it needs from PyPI, at which versions.
# Exit codes: 77 where there is no Python that can make environments, or PyPI does not give them.
set -eu
script=$1
program=$2
work=$3
shift 3
requirements=$(dirname "$script")/requirements.txt

skip() {
    echo "skipped: $*"
    exit 77
}

if ! cmp -s "$requirements" "$work/installed.txt"; then
    rm -rf "$work"
    mkdir -p "$work"
    python3 -m venv "$work/venv" >/dev/null 2>&1 || skip "this Python makes no environments (Debian: python3-venv)"
    "$work/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --require-hashes \
        --requirement "$requirements" || skip "PyPI does not give what is in $requirements"
    cp "$requirements" "$work/installed.txt"
fi
exec "$work/venv/bin/python" -B "$script" "$program" "$@"
