# shellcheck shell=bash
# What happens to files of others that are not finished yet. Sourced by run.sh.

# What another user is still writing is not taken, though nothing announces it: the service was not there when it was begun.
waits_for_a_writer() {
    check "stop" inside systemctl stop batchd
    mkfifo "$work/writer"
    as alice sh -c "exec >>$spool/inbox/slow.jsonl; head -n 2 /home/alice/articles.jsonl; cat; tail -n +3 /home/alice/articles.jsonl" \
        <"$work/writer" &
    local writer=$!
    exec 9>"$work/writer"
    wait_for 10 as alice test -s "$spool/inbox/slow.jsonl"
    drop later
    check "start" inside systemctl start batchd
    # Younger, and there at the start as well: once it is taken, the other one has stood still for as long.
    wait_for 30 job_is later done
    is "jobs of what is still being written" "" ask "SELECT id FROM jobs WHERE name = 'slow'"
    exec 9>&-
    wait "$writer"
    wait_for 30 job_is slow done
    answers_are_right slow
}
