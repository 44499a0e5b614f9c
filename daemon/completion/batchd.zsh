#compdef batchd
# Completion of batchd(8) for zsh.

# _batchd_jobs FILTER: names of jobs, as batchd itself tells them; of those that FILTER, a command of sed's, leaves in.
# Where the state can't be read there are none, and nothing is said.
_batchd_jobs() {
    local -a jobs
    jobs=(${(f)"$(timeout 1 batchd $config status --json 2>/dev/null |
        sed 's/{"id":/\n&/g' | sed -n "/^{\"id\":/!d; $1; s/.*\"name\":\"\([^\"\\\\]*\)\".*/\1/p")"})
    _wanted jobs expl job compadd -a jobs
}
_batchd_all_jobs() { _batchd_jobs "" }
_batchd_open_jobs() { _batchd_jobs '/"finished_at":null/!d' }
_batchd_failed_jobs() { _batchd_jobs '/"finished_at":null/d; /"failed":0,/d' }

# The queues of the configuration; none, and nothing is said, where that can't be read.
_batchd_queues() {
    local -a queues
    queues=(${(f)"$(timeout 1 batchd $config queues --json 2>/dev/null |
        sed 's/{"name":/\n&/g' | sed -n 's/^{"name":"\([^"\\]*\)".*/\1/p')"})
    _wanted queues expl queue compadd -a queues
}

_batchd_commands() {
    local -a commands=(
        'run:the daemon, in the foreground'
        'check:validate files offline, and show the plan for them'
        'submit:copy files into the inbox'
        'wait:wait until jobs have ended'
        'status:the jobs and how far they are'
        'events:what happened'
        'cost:what was used, and what it cost'
        'queues:what each queue has waiting'
        'release:send what waits in a queue now'
        'cancel:stop a job'
        'retry:send the failed requests of an ended job again'
        'abandon:give up what is held'
        'adopt:say which batch is the one that is looked for'
        'resend:say that nothing ran, and send it'
        'notify:those who are told what happens'
        'hooks:run commands for what happens'
        'recover:build a lost or damaged database again'
        'config:print the effective configuration'
        'web:the page, in the foreground'
    )
    _describe command commands
}

_batchd_arguments() {
    local -a common=('--config[configuration file]:file:_files -g "*.toml"' '(-h --help)'{-h,--help}'[help]')
    case ${words[1]} in
    run) _arguments $common '--once[take what is in the inbox, wait until every job has ended, exit]' ;;
    queues) _arguments $common '--json[for programs]' ;;
    release) _arguments $common '--over-budget[what waits for money as well]' ':queue:_batchd_queues' ;;
    check) _arguments $common '--queue[as this queue would]:queue:_batchd_queues' '--json[for programs]' '*:file of requests:_files -g "*.jsonl"' ;;
    submit)
        _arguments $common '--name[the name of the job]:name: ' '--queue[the queue]:queue:_batchd_queues' \
            '--wait[until the jobs have ended]' '--json[for programs]' '*:file of requests:_files'
        ;;
    wait) _arguments $common '--timeout[how long at most]:time: ' '--json[for programs]' '*:job:_batchd_all_jobs' ;;
    events)
        _arguments $common '(-f --follow)'{-f,--follow}'[go on with what happens]' '--since[not what is older]:time: ' \
            '--json[for programs]' ':job:_batchd_all_jobs'
        ;;
    cost)
        _arguments $common '--by[what a row is]:form:(day model queue job)' '--since[not what is older]:time: ' \
            '--json[for programs]'
        ;;
    status)
        _arguments $common '--watch[show it again whenever it changes]' '--json[for programs]' ':job:_batchd_all_jobs' ;;
    cancel | abandon | resend) _arguments $common ':job:_batchd_open_jobs' ;;
    adopt) _arguments $common ':job:_batchd_open_jobs' ':batch id: ' ;;
    retry) _arguments $common ':job:_batchd_failed_jobs' ;;
    notify) _arguments $common ':what:(test)' ':name: ' ;;
    hooks)
        _arguments $common '--state[the folder where it keeps how far it is]:folder:_files -/' \
            '--at-once[commands at the same time]:number: '
        ;;
    web) _arguments $common '--link[print the link of the page that runs]' ;;
    config) _arguments $common '--changed[only what differs from the defaults]' ;;
    *) _arguments $common ;;
    esac
}

_batchd() {
    local context state line at
    local -a config
    local -A opt_args
    # It may stand before the command as well as behind it.
    at=${words[(I)--config]}
    ((at && at + 1 < CURRENT)) && config=(--config ${(Q)words[at + 1]})
    _arguments -C \
        '--config[configuration file]:file:_files -g "*.toml"' \
        '(-h --help)'{-h,--help}'[help]' \
        '--version[version]' \
        ':command:_batchd_commands' \
        '*::argument:->arguments'
    [[ $state != arguments ]] || _batchd_arguments
}

_batchd "$@"
