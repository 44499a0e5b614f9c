#!/bin/sh
# run.sh PRINT_WEBHOOK WORK_DIR: our messages before the verifier of Standard Webhooks (PyPI), at the version in requirements.txt.
# Exit codes: 77 where there is no Python that can make environments, or PyPI does not give it.
set -eu
print_webhook=$1
work=$2
here=$(cd "$(dirname "$0")" && pwd)

skip() {
    echo "skipped: $*"
    exit 77
}

if ! cmp -s "$here/requirements.txt" "$work/installed.txt"; then
    rm -rf "$work"
    mkdir -p "$work"
    python3 -m venv "$work/venv" >/dev/null 2>&1 || skip "this Python makes no environments (Debian: python3-venv)"
    "$work/venv/bin/pip" install --quiet --disable-pip-version-check --no-deps --require-hashes \
        --requirement "$here/requirements.txt" || skip "PyPI does not give standardwebhooks"
    cp "$here/requirements.txt" "$work/installed.txt"
fi
exec "$work/venv/bin/python" -B "$here/verify.py" "$print_webhook"
