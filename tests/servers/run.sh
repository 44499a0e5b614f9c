#!/usr/bin/env bash
# The daemon against servers that nobody here wrote: a job end to end, a lost answer to an upload and to a create, eight
# kills of the daemon, and a kill of the server in mid-batch. README.md has what was seen.
#
#   tests/servers/run.sh NAME… [SCENARIO…]     of litellm, ogx, aibrix, aimock, llmock; all scenarios where none is named
#   BATCHD_BUILD=DIR …/run.sh                  with the daemon and the practice provider that are built in DIR, as they are
#
# Each server is installed from PyPI or npm, at a version that is written in servers.py, into build/servers/NAME. Where one
# can't be had it says so and ends with 77, "skipped". Everything runs on the loopback device.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
source_dir=$(cd "$here/../.." && pwd)
build=${BATCHD_BUILD:-$source_dir/build}

skip() {
    echo "servers: skipped: $*"
    exit 77
}

recipe() { (cd "$here" && python3 -c "from servers import RECIPES; r = RECIPES['$1']; print($2)"); }

find_python() { # LEAST-MINOR GREATEST-MINOR
    local candidate
    for candidate in $(compgen -c python3 | sort -u) "$HOME"/.pyenv/versions/3.*/bin/python3; do
        if "$candidate" -c "import sys, venv; sys.exit(not (3, $1) <= sys.version_info[:2] <= (3, $2))" >/dev/null 2>&1; then
            echo "$candidate"
            return
        fi
    done
}

install_from_pypi() { # NAME LEAST-MINOR GREATEST-MINOR PACKAGE…
    local folder=$build/servers/$1 python
    python=$(find_python "$2" "$3")
    [ -n "$python" ] || skip "$1 needs a Python from 3.$2 to 3.$3"
    "$python" -m venv "$folder"
    "$folder/bin/pip" install --quiet --disable-pip-version-check "${@:4}"
}

install_from_npm() { # NAME PACKAGE…
    command -v npm >/dev/null || skip "$1 needs npm"
    mkdir -p "$build/servers/$1"
    npm install --silent --no-fund --no-audit --prefix "$build/servers/$1" "${@:2}"
}

install_server() {
    local name=$1 packages versions
    read -ra packages <<<"$(recipe "$name" "' '.join(r.packages)")"
    [ "$(cat "$build/servers/$name/installed" 2>/dev/null)" != "${packages[*]}" ] || return 0
    echo "installing ${packages[*]}"
    rm -rf "$build/servers/$name"
    read -ra versions <<<"$(recipe "$name" "*r.python")"
    if [ ${#versions[@]} -gt 0 ]; then
        install_from_pypi "$name" "${versions[@]}" "${packages[@]}" || skip "PyPI does not give ${packages[*]}"
    else
        install_from_npm "$name" "${packages[@]}" || skip "npm does not give ${packages[*]}"
    fi
    echo "${packages[*]}" >"$build/servers/$name/installed"
}

[ $# -gt 0 ] || { sed -n '2,/^[^#]/s/^# \{0,1\}//p' "$0" >&2; exit 2; }
if [ -z "${BATCHD_BUILD:-}" ]; then
    cmake -S "$source_dir" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DBATCHD_UNITY=ON >/dev/null
    cmake --build "$build" --target batchd batchd-sim
fi
known=$(cd "$here" && python3 -c "from servers import RECIPES; print(*RECIPES)")
for name in "$@"; do
    case " $known " in
    *" $name "*) install_server "$name" ;;
    esac
done
exec python3 "$here/drive.py" "$build/daemon/batchd" "$build/tests/sim/batchd-sim" "$build/servers" "$@"
