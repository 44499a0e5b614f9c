# Completion of batchd(8) for bash.

# Names of the jobs that an SQL condition holds for, where the database is in its place and may be read.
_batchd_jobs() {
    local database=/var/lib/batchd/batchd.db
    [ -r "$database" ] && command -v sqlite3 >/dev/null || return
    sqlite3 -readonly "$database" "SELECT name FROM jobs WHERE $1 ORDER BY id DESC LIMIT 50" 2>/dev/null
}

_batchd_words() {
    local IFS=$'\n'
    COMPREPLY+=($(compgen -W "$1" -- "$word"))
}

_batchd_files() {
    local IFS=$'\n'
    compopt -o filenames
    COMPREPLY+=($(compgen -f -X "!*.$1" -- "$word") $(compgen -d -- "$word"))
}

_batchd() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} command="" argument=""
    local i
    COMPREPLY=()
    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
        --config) ((i++)) ;;
        -*) ;;
        *) if [ -z "$command" ]; then command=${COMP_WORDS[i]}; else argument=${COMP_WORDS[i]}; fi ;;
        esac
    done
    if [ "$before" = --config ]; then
        _batchd_files toml
        return
    fi

    local options="--config --help"
    case $command in
    "") options="$options --version" ;;
    run) options="$options --once" ;;
    check) options="$options --json" ;;
    status) options="$options --watch --json" ;;
    esac
    if [[ $word == -* ]]; then
        COMPREPLY=($(compgen -W "$options" -- "$word"))
        return
    fi

    case $command in
    "") COMPREPLY=($(compgen -W "run check status cancel retry recover config" -- "$word")) ;;
    check) _batchd_files jsonl ;;
    status) [ -n "$argument" ] || _batchd_words "$(_batchd_jobs "1")" ;;
    cancel) [ -n "$argument" ] || _batchd_words "$(_batchd_jobs "finished_at IS NULL")" ;;
    retry) [ -n "$argument" ] || _batchd_words "$(_batchd_jobs "finished_at IS NOT NULL AND failed > 0")" ;;
    esac
}

complete -F _batchd batchd
