# Completion of batchd(8) for fish.

# The --config of the line, where it has one.
function __batchd_config
    set -l line (commandline -opc)
    if set -l at (contains -i -- --config $line)
        printf '%s\n' --config $line[(math $at + 1)]
    end
end

# __batchd_jobs FILTER: names of jobs, as batchd itself tells them; of those that FILTER, a command of sed's, leaves in.
# Where the state can't be read there are none, and nothing is said.
function __batchd_jobs
    timeout 1 batchd (__batchd_config) status --json 2>/dev/null | sed 's/{"id":/\n&/g' |
        sed -n '/^{"id":/!d; '$argv[1]'; s/.*"name":"\([^"\\\\]*\)".*/\1/p'
end

# The queues of the configuration; none, and nothing is said, where that can't be read.
function __batchd_queues
    timeout 1 batchd (__batchd_config) queues --json 2>/dev/null | sed 's/{"name":/\n&/g' |
        sed -n 's/^{"name":"\([^"\\\\]*\)".*/\1/p'
end

set -l commands run check submit wait status events queues release cost cancel retry abandon adopt resend notify hooks recover config web
set -l none "not __fish_seen_subcommand_from $commands"

complete -c batchd -f
complete -c batchd -l config -r -F -d 'configuration file'
complete -c batchd -s h -l help -d help
complete -c batchd -n "$none" -l version -d version
complete -c batchd -n "$none" -a run -d 'the daemon, in the foreground'
complete -c batchd -n "$none" -a check -d 'validate files offline, and show the plan for them'
complete -c batchd -n "$none" -a submit -d 'copy files into the inbox'
complete -c batchd -n "$none" -a wait -d 'wait until jobs have ended'
complete -c batchd -n "$none" -a events -d 'what happened'
complete -c batchd -n "$none" -a cost -d 'what was used, and what it cost'
complete -c batchd -n "$none" -a status -d 'the jobs and how far they are'
complete -c batchd -n "$none" -a queues -d 'what each queue has waiting'
complete -c batchd -n "$none" -a release -d 'send what waits in a queue now'
complete -c batchd -n "$none" -a cancel -d 'stop a job'
complete -c batchd -n "$none" -a retry -d 'send the failed requests of an ended job again'
complete -c batchd -n "$none" -a abandon -d 'give up what is held'
complete -c batchd -n "$none" -a adopt -d 'say which batch is the one that is looked for'
complete -c batchd -n "$none" -a resend -d 'say that nothing ran, and send it'
complete -c batchd -n "$none" -a notify -d 'those who are told what happens'
complete -c batchd -n "$none" -a hooks -d 'run commands for what happens'
complete -c batchd -n "$none" -a recover -d 'build a lost or damaged database again'
complete -c batchd -n "$none" -a config -d 'print the effective configuration'
complete -c batchd -n "$none" -a web -d 'the page, in the foreground'

complete -c batchd -n '__fish_seen_subcommand_from run' -l once -d 'take what is in the inbox, wait until every job has ended, exit'
complete -c batchd -n '__fish_seen_subcommand_from queues' -l json -d 'for programs'
complete -c batchd -n '__fish_seen_subcommand_from release' -a '(__batchd_queues)'
complete -c batchd -n '__fish_seen_subcommand_from release' -l over-budget -d 'what waits for money as well'
complete -c batchd -n '__fish_seen_subcommand_from check' -l queue -x -a '(__batchd_queues)' -d 'as this queue would'
complete -c batchd -n '__fish_seen_subcommand_from check' -l json -d 'for programs'
complete -c batchd -n '__fish_seen_subcommand_from check' -F
complete -c batchd -n '__fish_seen_subcommand_from submit' -F
complete -c batchd -n '__fish_seen_subcommand_from submit' -l name -x -d 'the name of the job'
complete -c batchd -n '__fish_seen_subcommand_from submit' -l queue -x -a '(__batchd_queues)' -d 'the queue'
complete -c batchd -n '__fish_seen_subcommand_from submit' -l wait -d 'until the jobs have ended'
complete -c batchd -n '__fish_seen_subcommand_from wait' -l timeout -x -d 'how long at most'
complete -c batchd -n '__fish_seen_subcommand_from events' -s f -l follow -d 'go on with what happens'
complete -c batchd -n '__fish_seen_subcommand_from cost' -l by -x -a 'day model queue job' -d 'what a row is'
complete -c batchd -n '__fish_seen_subcommand_from events cost' -l since -x -d 'not what is older'
complete -c batchd -n '__fish_seen_subcommand_from submit wait events cost' -l json -d 'for programs'
complete -c batchd -n '__fish_seen_subcommand_from wait events' -a '(__batchd_jobs "")'
complete -c batchd -n '__fish_seen_subcommand_from status' -l watch -d 'show it again whenever it changes'
complete -c batchd -n '__fish_seen_subcommand_from status' -l json -d 'for programs'
complete -c batchd -n '__fish_seen_subcommand_from notify' -a test -d 'send one message'
complete -c batchd -n '__fish_seen_subcommand_from hooks' -l state -r -F -d 'the folder where it keeps how far it is'
complete -c batchd -n '__fish_seen_subcommand_from hooks' -l at-once -x -d 'commands at the same time'
complete -c batchd -n '__fish_seen_subcommand_from web' -l link -d 'print the link of the page that runs'
complete -c batchd -n '__fish_seen_subcommand_from config' -l changed -d 'only what differs from the defaults'
complete -c batchd -n '__fish_seen_subcommand_from status' -a '(__batchd_jobs "")'
complete -c batchd -n '__fish_seen_subcommand_from cancel abandon adopt resend' -a '(__batchd_jobs \'/"finished_at":null/!d\')'
complete -c batchd -n '__fish_seen_subcommand_from retry' -a '(__batchd_jobs \'/"finished_at":null/d; /"failed":0,/d\')'
