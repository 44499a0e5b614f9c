#!/bin/sh
# documents_test.sh BATCHD MAN-FOLDER SOURCE-FOLDER: the manual pages and the completions have everything that there is.
set -eu
batchd=$1 man=$2 source=$3
wrong=0
complain() {
    echo "$*" >&2
    wrong=1
}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
page=$work/batchd.8
reference=$work/batchd.toml.5
gunzip -c "$man/batchd.8.gz" | sed 's/\\-/-/g' >"$page"
gunzip -c "$man/batchd.toml.5.gz" | sed 's/\\-/-/g' >"$reference"
completion=$source/daemon/completion

# Commands and their options, as the program itself tells them.
commands=$("$batchd" --help | sed -n '/^Subcommands:/,/^$/s/^  \([a-z][a-z]*\) .*/\1/p')
[ -n "$commands" ] || complain "no commands in batchd --help"
for command in $commands; do
    grep -Eq "^\.BI? \"?$command\b|^\.BR $command\b" "$page" || complain "batchd(8) has no command $command"
    grep -q "\"[a-z ]*\b$command\b[a-z ]*\" --" "$completion/batchd.bash" || complain "batchd.bash has no command $command"
    grep -q "^ *'$command:" "$completion/batchd.zsh" || complain "batchd.zsh has no command $command"
    grep -q " -a $command " "$completion/batchd.fish" || complain "batchd.fish has no command $command"
    for option in $("$batchd" "$command" --help | grep -Eo '^  (-h,)?--[a-z-]+' | grep -Eo -e '--[a-z-]+'); do
        grep -q -e "$option\b" "$page" || complain "batchd(8) has no option $option of $command"
        grep -q -e "$option\b" "$completion/batchd.bash" || complain "batchd.bash has no option $option of $command"
        grep -q -e "$option\b" "$completion/batchd.zsh" || complain "batchd.zsh has no option $option of $command"
        grep -q -e " -l ${option#--}\b" "$completion/batchd.fish" || complain "batchd.fish has no option $option of $command"
    done
done

# What the shells themselves have to say about the completions.
bash -n "$completion/batchd.bash" || complain "bash can't read its completion"
! command -v zsh >/dev/null || zsh -n "$completion/batchd.zsh" || complain "zsh can't read its completion"
! command -v fish >/dev/null || fish --no-execute "$completion/batchd.fish" || complain "fish can't read its completion"

# Every key of the reference file, and every event of README.
for key in $(sed -n 's/^#\([a-z_]*\) = .*/\1/p' "$source/config/batchd.toml"); do
    grep -q "^\.B $key = " "$reference" || complain "batchd.toml(5) has no key $key"
done
events=$(sed -n '/^## Events/,/^## D/s/^| `\([a-z_]*\)` .*/\1/p' "$source/README.md")
[ -n "$events" ] || complain "no events in README.md"
for event in $events; do
    grep -q "^\.B $event\$" "$page" || complain "batchd(8) has no event $event"
done

# What groff has to say about them.
if command -v man >/dev/null && command -v groff >/dev/null; then
    for file in "$man/batchd.8.gz" "$man/batchd.toml.5.gz"; do
        warnings=$(LC_ALL=C.UTF-8 MANROFFSEQ='' MANWIDTH=80 man --warnings -E UTF-8 -l -Tutf8 -Z "$file" 2>&1 >/dev/null)
        [ -z "$warnings" ] || complain "$file: $warnings"
    done
fi
exit $wrong
