# Completion of batchd(8) for bash.

# _batchd_jobs FILTER: names of jobs, as batchd itself tells them; of those that FILTER, a command of sed's, leaves in.
# Where the state can't be read there are none, and nothing is said.
_batchd_jobs() {
    timeout 1 batchd "${config[@]}" status --json 2>/dev/null |
        sed 's/{"id":/\n&/g' | sed -n "/^{\"id\":/!d; $1; s/.*\"name\":\"\([^\"\\\\]*\)\".*/\1/p"
}

# The queues of the configuration; none, and nothing is said, where that can't be read.
_batchd_queues() {
    timeout 1 batchd "${config[@]}" queues --json 2>/dev/null |
        sed 's/{"name":/\n&/g' | sed -n 's/^{"name":"\([^"\\]*\)".*/\1/p'
}

_batchd_words() {
    local IFS=$'\n'
    COMPREPLY+=($(compgen -W "$1" -- "$word"))
}

_batchd_files() {
    local IFS=$'\n'
    compopt -o filenames 2>/dev/null
    COMPREPLY+=($(compgen -f -X "!*.$1" -- "$word") $(compgen -d -- "$word"))
}

_batchd() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} command="" argument=""
    local i config=()
    COMPREPLY=()
    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in
        --config) config=(--config "${COMP_WORDS[++i]}") ;;
        -?*) ;;
        *) if [ -z "$command" ]; then command=${COMP_WORDS[i]}; else argument=${COMP_WORDS[i]}; fi ;;
        esac
    done
    if [ "$before" = --config ]; then
        _batchd_files toml
        return
    fi

    case $before in
    --name | --timeout | --since) return ;;
    --by)
        COMPREPLY=($(compgen -W "day model queue job" -- "$word"))
        return
        ;;
    --queue)
        _batchd_words "$(_batchd_queues)"
        return
        ;;
    esac

    local options="--config --help"
    case $command in
    "") options="$options --version" ;;
    run) options="$options --once" ;;
    check) options="$options --queue --json" ;;
    queues) options="$options --json" ;;
    release) options="$options --over-budget" ;;
    submit) options="$options --name --queue --wait --json" ;;
    wait) options="$options --timeout --json" ;;
    events) options="$options --follow --since --json" ;;
    cost) options="$options --by --since --json" ;;
    status) options="$options --watch --json" ;;
    hooks) options="$options --state --at-once" ;;
    config) options="$options --changed" ;;
    web) options="$options --link" ;;
    esac
    if [[ $word == -* ]]; then
        COMPREPLY=($(compgen -W "$options" -- "$word"))
        return
    fi

    case $command in
    "") COMPREPLY=($(compgen -W "run check submit wait status events queues release cost cancel retry abandon adopt resend notify hooks recover config web" -- "$word")) ;;
    check) _batchd_files jsonl ;;
    submit)
        compopt -o filenames 2>/dev/null
        local IFS=$'\n'
        COMPREPLY=($(compgen -f -- "$word"))
        ;;
    wait) _batchd_words "$(_batchd_jobs "")" ;;
    status | events) [ -n "$argument" ] || _batchd_words "$(_batchd_jobs "")" ;;
    cancel | abandon | adopt | resend)
        [ -n "$argument" ] || _batchd_words "$(_batchd_jobs '/"finished_at":null/!d')" ;;
    release) [ -n "$argument" ] || _batchd_words "$(_batchd_queues)" ;;
    notify) [ -n "$argument" ] || COMPREPLY=($(compgen -W test -- "$word")) ;;
    retry) [ -n "$argument" ] || _batchd_words "$(_batchd_jobs '/"finished_at":null/d; /"failed":0,/d')" ;;
    esac
}

complete -F _batchd batchd
