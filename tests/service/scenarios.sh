# What happens to the service, one after the other; each leaves it running and idle. Sourced by run.sh.

database=/var/lib/batchd/batchd.db
spool=/var/spool/batchd

ask() { as alice sqlite3 "$database" "$1"; }
job_is() { prints "$2" ask "SELECT state FROM jobs WHERE name = '$1' ORDER BY id DESC LIMIT 1"; }
event_is() { prints 1 ask "SELECT 1 FROM events WHERE kind = '$1' AND detail LIKE '%$2%' LIMIT 1"; }
in_flight() { prints 1 ask "SELECT 1 FROM batches b JOIN jobs j ON j.id = b.job_id WHERE j.name = '$1' AND b.phase = 'watching'"; }
drop() { as alice cp "/home/alice/${2:-articles}.jsonl" "$spool/inbox/$1.jsonl"; }
delivered() { as alice test -f "$spool/outbox/$1/output.jsonl"; }

# The five articles are answered, in their order, each once.
answers_are_right() {
    is "the answers to $1" "article_1 article_2 article_3 article_4 article_5 " \
        as alice sh -c "grep -o 'article_[0-9]' $spool/outbox/$1/output.jsonl | uniq | tr '\n' ' '"
    is "the lines of answers to $1" 5 as alice sh -c "wc -l <$spool/outbox/$1/output.jsonl"
    provider_never_paid_twice
}

configure() { # configure POLL-INTERVAL [LINE]
    cat >"$work/tree/etc/batchd/batchd.toml" <<TOML
[provider]
base_url = "$provider/v1"
list_lag = "1s"
${2:-}

[poll]
interval = "$1"

[retry]
max_backoff = "1s"
TOML
}

restart() { check "restart" inside systemctl restart batchd; }

milliseconds_to_ready() {
    local began ready
    began=$(property ExecMainStartTimestampMonotonic)
    ready=$(property ActiveEnterTimestampMonotonic)
    echo $(((ready - began) / 1000))
}

installs_and_waits_for_a_key() {
    install_package "$first_package"
    keep_downloads
    wait_for 10 is_active
    check "enabled" inside systemctl --quiet is-enabled batchd
    wait_for 10 status_says "no API key: write it to /etc/batchd/api_key"
    is "owner and mode of the inbox" "batchd batchd 2770" inside stat -c "%U %G %a" "$spool/inbox/"
    is "owner and mode of the state" "batchd batchd 750" inside stat -c "%U %G %a" /var/lib/batchd
    check "the command" inside batchd --version
    check "the reference is right" inside batchd config
    has "the installation says what to do next" "/etc/batchd/api_key" cat "$work/apt.log"
    check "the README" inside test -s /usr/share/doc/batchd/README.md
    inside useradd --create-home --groups batchd alice
    inside useradd --create-home mallory
    cp "$source_dir/tests/samples/articles.jsonl" "$work/tree/home/alice/"
    echo "service:   security: $(inside systemd-analyze security --no-pager batchd | sed -n 's/^→ Overall exposure level[^:]*: //p')"
}

answers_a_user_of_the_group() {
    configure 200ms
    (umask 077 && echo "$key" >"$work/tree/etc/batchd/api_key")
    restart
    echo "service:   ready $(milliseconds_to_ready) ms after its start"
    wait_for 10 status_says "waiting for files in $spool/inbox"
    drop first
    wait_for 30 job_is first done
    answers_are_right first
    # A file of the same file system is moved, not copied: all the way through it stays the same file.
    as alice cp /home/alice/articles.jsonl "$spool/inbox/.moved"
    local inode
    inode=$(as alice stat -c %i "$spool/inbox/.moved")
    check "rename into the inbox" as alice mv "$spool/inbox/.moved" "$spool/inbox/moved.jsonl"
    wait_for 30 job_is moved done
    is "the inode of what was moved in" "$inode" as alice stat -c %i "$spool/outbox/moved/input.jsonl"
    is "what bash completes" "first moved" as alice bash -c '. /usr/share/bash-completion/completions/batchd
        COMP_WORDS=(batchd status "") COMP_CWORD=2; _batchd; printf "%s\n" "${COMPREPLY[@]}" | sort | paste -sd " "'
    echo "service:   $(grep VmRSS "/proc/$(pgrep -P "$leader" -x batchd)/status" | tr -s '\t ' ' ') at idle"
}

keeps_others_out() {
    check_fails "mallory sees the spool" as mallory ls "$spool"
    check_fails "mallory reads the state" as mallory sqlite3 "$database" "SELECT 1"
    check_fails "alice changes the state" as alice sqlite3 "$database" "DELETE FROM jobs"
    check_fails "alice removes from the outbox" as alice rm -r "$spool/outbox/first"
    check_fails "the key is in the log" prints "$key" inside journalctl --no-pager
    check_fails "the key is in the database" inside grep -q "$key" "$database" "$database-wal"
    # What the service may not read stays where it is, and is said.
    as alice cp /home/alice/articles.jsonl "$spool/inbox/.closed"
    as alice chmod 600 "$spool/inbox/.closed"
    as alice mv "$spool/inbox/.closed" "$spool/inbox/closed.jsonl"
    wait_for 10 event_is file_left_alone "may not read%closed.jsonl"
    check "it is still there" as alice test -f "$spool/inbox/closed.jsonl"
    as alice rm "$spool/inbox/closed.jsonl"
    # The state is for readers while the service is stopped, too.
    check "stop" inside systemctl stop batchd
    is "jobs, read while it is stopped" "2" ask "SELECT count(*) FROM jobs"
    check "start" inside systemctl start batchd
}

takes_commands_of_the_group() {
    is "owner and mode of the socket" "batchd batchd 660" inside stat -c "%U %G %a" /run/batchd/batchd.sock
    hold_batches
    check "alice submits" as alice batchd submit /home/alice/articles.jsonl --name asked
    wait_for 30 in_flight asked
    check_fails "mallory cancels" as mallory batchd cancel asked
    check "alice cancels" as alice batchd cancel asked
    is "who has cancelled it" alice ask "SELECT user FROM events WHERE kind = 'command' ORDER BY id DESC LIMIT 1"
    finish_batches
    wait_for 30 job_is asked cancelled
    check_fails "a job that was cancelled is done" as alice batchd wait asked
}

survives_a_kill() {
    hold_batches
    drop killed
    wait_for 30 in_flight killed
    local pid
    pid=$(property MainPID)
    check "SIGKILL" inside systemctl kill --signal=KILL --kill-who=main batchd
    wait_for 30 main_pid_is_not "$pid"
    finish_batches
    wait_for 30 job_is killed done
    answers_are_right killed
}

survives_a_kill_in_doubt() {
    # The batch is made, and the answer never comes.
    local pid creates
    pid=$(property MainPID)
    creates=$(report '$.requests."POST /v1/batches"')
    tell_provider faults '{"route": "POST /v1/batches", "action": "stall_after", "times": 1}'
    drop doubted
    wait_for 30 prints "$((creates + 1))" report '$.requests."POST /v1/batches"'
    is "its phase" creating ask "SELECT phase FROM batches ORDER BY id DESC LIMIT 1"
    check "SIGKILL" inside systemctl kill --signal=KILL --kill-who=main batchd
    wait_for 30 main_pid_is_not "$pid"
    wait_for 60 job_is doubted done
    answers_are_right doubted
}

is_restarted_when_frozen() {
    inside mkdir -p /run/systemd/system/batchd.service.d
    inside sh -c "printf '[Service]\nWatchdogSec=2\nTimeoutAbortSec=2\n' >/run/systemd/system/batchd.service.d/watchdog.conf"
    inside systemctl daemon-reload
    restart
    hold_batches
    drop frozen
    wait_for 30 in_flight frozen
    local pid
    pid=$(property MainPID)
    check "SIGSTOP" inside sh -c "kill -STOP $pid"
    wait_for 30 main_pid_is_not "$pid"
    wait_for 10 log_says "Watchdog timeout"
    finish_batches
    wait_for 30 job_is frozen done
    answers_are_right frozen
    inside rm -r /run/systemd/system/batchd.service.d
    inside systemctl daemon-reload
    restart
}

takes_a_new_interval() {
    configure 1h
    restart
    hold_batches
    drop patient
    wait_for 30 in_flight patient
    wait_for 10 status_says "1 job running, 1 batch in flight, next poll in"
    finish_batches
    configure 200ms
    local pid
    pid=$(property MainPID)
    check "reload" inside systemctl reload batchd
    wait_for 30 job_is patient done
    answers_are_right patient
    is "the process, after the reload" "$pid" property MainPID
}

refuses_a_broken_configuration() {
    local pid
    pid=$(property MainPID)
    configure soon
    check_fails "reload of a broken configuration" inside systemctl reload batchd
    wait_for 10 log_says 'batchd.toml:7: poll.interval is "soon"'
    check "it runs on" is_active
    # Behind systemd's back.
    inside sh -c "kill -HUP $pid"
    wait_for 10 status_says "the configuration is not taken over: "
    is "the process, after the broken reload" "$pid" property MainPID
    drop unimpressed
    wait_for 30 job_is unimpressed done
    answers_are_right unimpressed
    check_fails "start with a broken configuration" inside systemctl restart batchd
    is "the exit code" 78 property ExecMainStatus
    is "the state, for good" failed property ActiveState
    configure 200ms
    restart
}

stops_in_time_in_the_middle_of_an_upload() {
    # The provider takes the file, and does not answer.
    tell_provider faults '{"route": "POST /v1/files", "action": "stall_before", "times": 1}'
    as alice sh -c "cd; for i in \$(seq 2000); do sed \"s/article_/row_\${i}_/\" articles.jsonl; done >many.jsonl"
    drop stopped many
    wait_for 60 prints uploading ask "SELECT phase FROM batches ORDER BY id DESC LIMIT 1"
    local began took
    began=$(now_ms)
    check "stop" inside systemctl stop batchd
    took=$(($(now_ms) - began))
    echo "service:   stopped in mid-upload in $took ms"
    check "within 5 s" test "$took" -lt 5000
    is "how it ended" success property Result
    end_faults
    check "start" inside systemctl start batchd
    wait_for 60 job_is stopped done
    is "all answers" 10000 as alice sh -c "wc -l <$spool/outbox/stopped/output.jsonl"
    provider_never_paid_twice
}

waits_for_room_on_a_full_disk() {
    check "stop" inside systemctl stop batchd
    check "a small disk" inside mount -t tmpfs -o size=8m tmpfs /var/lib/batchd
    check "the folders" inside systemd-tmpfiles --create batchd.conf
    check "start" inside systemctl start batchd
    drop squeezed many
    wait_for 30 log_says "No space left on device"
    check "it runs on" is_active
    check "more room" inside mount -o remount,size=400m /var/lib/batchd
    wait_for 90 job_is squeezed done
    is "all answers" 10000 as alice sh -c "wc -l <$spool/outbox/squeezed/output.jsonl"
    provider_never_paid_twice
    check "stop" inside systemctl stop batchd
    check "the old disk" inside umount /var/lib/batchd
    check "start" inside systemctl start batchd
}

takes_an_encrypted_key() {
    inside sh -c "systemd-creds encrypt --name=api_key /etc/batchd/api_key /etc/batchd/api_key.cred && rm /etc/batchd/api_key"
    inside mkdir -p /etc/systemd/system/batchd.service.d
    inside sh -c "printf '[Service]\nLoadCredential=\nLoadCredentialEncrypted=api_key:/etc/batchd/api_key.cred\n' \
        >/etc/systemd/system/batchd.service.d/key.conf"
    inside systemctl daemon-reload
    restart
    drop encrypted
    wait_for 30 job_is encrypted done
    answers_are_right encrypted
}

# As README.md has it, but that the timer's turn comes at once.
works_by_a_timer() {
    check "stop" inside systemctl disable --now batchd.service
    inside install -D -m 644 /usr/share/doc/batchd/examples/once.conf /etc/systemd/system/batchd.service.d/once.conf
    inside install -m 644 /usr/share/doc/batchd/examples/batchd.timer /etc/systemd/system/batchd.timer
    inside mkdir -p /run/systemd/system/batchd.timer.d
    inside sh -c "printf '[Timer]\nOnActiveSec=100ms\nAccuracySec=100ms\n' >/run/systemd/system/batchd.timer.d/soon.conf"
    inside systemctl daemon-reload
    drop timed
    check "the timer" inside systemctl enable --now batchd.timer
    wait_for 60 job_is timed done
    answers_are_right timed
    wait_for 30 prints inactive property ActiveState
    is "how it ended" success property Result
    check "no more of it" inside systemctl disable --now batchd.timer
    inside rm -r /etc/systemd/system/batchd.service.d/once.conf /etc/systemd/system/batchd.timer /run/systemd/system/batchd.timer.d
    inside systemctl daemon-reload
    check "the service again" inside systemctl enable --now batchd.service
}

makes_its_folders_and_its_state_again() {
    hold_batches
    drop lost
    wait_for 30 in_flight lost
    check "stop" inside systemctl stop batchd
    inside sh -c "rm -r $spool/inbox $database $database-wal $database-shm"
    check_fails "start without the database" inside systemctl start batchd
    log_says "batchd recover" || fail "the log does not say what to do"
    check "stop" inside systemctl stop batchd
    # As root, who is somebody else than the service.
    has "what was found" "on record again" inside batchd recover
    check "start" inside systemctl start batchd
    is "owner and mode of the state" "batchd batchd 640" inside stat -c "%U %G %a" "$database"
    is "owner and mode of the inbox" "batchd batchd 2775" inside stat -c "%U %G %a" "$spool/inbox"
    finish_batches
    wait_for 30 job_is lost done
    answers_are_right lost
}

goes_on_after_a_reboot() {
    hold_batches
    drop rebooted
    wait_for 30 in_flight rebooted
    inside systemctl reboot || true
    wait_until_container_ended
    boot
    wait_for 10 is_active
    finish_batches
    wait_for 30 job_is rebooted done
    answers_are_right rebooted
}

goes_on_after_an_upgrade() {
    hold_batches
    drop upgraded
    wait_for 30 in_flight upgraded
    local pid
    pid=$(property MainPID)
    install_package "$second_package"
    is "the version" "${second_package##*/batchd_}" inside sh -c "dpkg-query -W -f '\${Version}_\${Architecture}.deb' batchd"
    wait_for 10 main_pid_is_not "$pid"
    has "the operator's configuration" 'interval = "200ms"' inside cat /etc/batchd/batchd.toml
    finish_batches
    wait_for 30 job_is upgraded done
    answers_are_right upgraded
}

leaves_data_when_removed() {
    check "remove" inside apt-get remove --yes --quiet batchd
    check_fails "it still runs" is_active
    check "the answers are there" inside test -f "$spool/outbox/first/output.jsonl"
    check "the configuration is there" inside test -f /etc/batchd/batchd.toml
    has "purge says what it leaves" "there are files in $spool" inside dpkg --purge batchd
    check "the answers are there" inside test -f "$spool/outbox/first/output.jsonl"
    check "the state is there" inside test -f "$database"
    check_fails "the key is there" inside sh -c "ls /etc/batchd/api_key*"
}

leaves_nothing_when_purged_empty() {
    install_package "$second_package"
    wait_for 10 is_active
    inside find "$spool/" -mindepth 2 -delete
    check "purge" inside apt-get purge --yes --quiet batchd
    local folder
    check_fails "the link is there" inside test -L "$spool"
    for folder in "$spool" /var/lib/batchd /etc/batchd /usr/share/doc/batchd; do
        check_fails "$folder is there" inside test -e "$folder"
    done
}
