#!/bin/bash
# completion_test.sh BATCHD SOURCE-FOLDER: what the shells offer where a queue is asked for. Of zsh and fish those that are here.
set -eu
batchd=$1 source=$2
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
ln -s "$batchd" "$work/batchd"
PATH=$work:$PATH
cat >"$work/batchd.toml" <<END
state.directory = "$work/state"
spool = { inbox = "$work/in", outbox = "$work/out", rejected = "$work/no" }
[queue.nightly]
[queue.n2]
END
wrong=0
expect() { # WHAT WANTED GOT
    [ "$2" = "$3" ] || { echo "$1: wanted '$2', got '$3'" >&2 && wrong=1; }
}

# _batchd and what stands in the line, the word that is typed last.
in_bash() {
    bash -c 'source "$0"; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _batchd; echo "${COMPREPLY[@]}"' \
        "$source/daemon/completion/batchd.bash" batchd --config "$work/batchd.toml" "$@"
}
expect "bash, release" "default n2 nightly" "$(in_bash release "")"
expect "bash, release n2" "" "$(in_bash release n2 "")"
for command in submit check; do expect "bash, $command --queue" "n2 nightly" "$(in_bash $command --queue n)"; done

if command -v fish >/dev/null; then
    in_fish() {
        HOME=$work fish --no-config -c 'source $argv[1]; complete -C $argv[2]' "$source/daemon/completion/batchd.fish" \
            "batchd --config $work/batchd.toml $1" | cut -f1 | sort | tr '\n' ' '
    }
    expect "fish, release" "n2 nightly " "$(in_fish "release n")"
    for command in submit check; do expect "fish, $command --queue" "n2 nightly " "$(in_fish "$command --queue n")"; done
fi

if command -v zsh >/dev/null; then
    # The system of completion, of which a shell that nobody types in has none, is left out.
    queues=$(zsh -f -c '_arguments() { :; }; _wanted() { print -r -- ${(P)@[-1]}; }; words=(); CURRENT=0
        source "$1"; config=(--config "$2"); _batchd_queues' zsh "$source/daemon/completion/batchd.zsh" "$work/batchd.toml")
    expect "zsh" "default n2 nightly" "$queues"
    expect "zsh, where it is asked for" 3 "$(grep -o ":queue:_batchd_queues'" "$source/daemon/completion/batchd.zsh" | wc -l)"
fi
exit $wrong
