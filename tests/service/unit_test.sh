#!/bin/sh
# unit_test.sh UNIT: systemd accepts every line of it, and thinks that it is well locked up.
set -eu
unit=$1
most=16 # tenths

command -v systemd-analyze >/dev/null || { echo "skipped: there is no systemd-analyze"; exit 77; }

systemd-analyze --help | grep -q -e --offline || { echo "skipped: this systemd-analyze has no --offline"; exit 77; }
level=$(systemd-analyze security --offline=true --no-pager "$unit" | sed -n 's/.*Overall exposure level.*: \([0-9.]*\) .*/\1/p')
echo "exposure level: $level"
[ "$(echo "$level" | tr -d .)" -le "$most" ] || { echo "must be at most 1.6" >&2; exit 1; }

# An unknown key or a value that does not fit is only a warning to systemd. Whether /usr/bin/batchd and the manual are
# installed is not the unit's fault.
complaints=$(systemd-analyze verify --man=no "$unit" 2>&1 | grep -F "$(basename "$unit")" | grep -v "is not executable" || true)
[ -z "$complaints" ] || { echo "$complaints" >&2; exit 1; }
