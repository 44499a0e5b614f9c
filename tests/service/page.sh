# shellcheck shell=bash
# What happens to the page, beside the service of scenarios.sh. Sourced by run.sh.

# The page is off until it is asked for; then whoever is in the group has its link, and nobody else.
shows_the_page_to_the_group() {
    check_fails "the page runs by itself" inside systemctl --quiet is-active batchd-web.socket
    check_fails "the page is enabled by itself" inside systemctl --quiet is-enabled batchd-web.socket
    check "enable" inside systemctl enable --now batchd-web.socket batchd-web.service
    local link
    link=$(as alice batchd web --link)
    check_fails "mallory has the link" as mallory batchd web --link
    check_fails "the token is in the log" prints "${link##*/}" inside journalctl --no-pager
    # Python is not in a bare tree, but bash is: a socket is all that it takes.
    answer() { inside bash -c "exec 3<>/dev/tcp/127.0.0.1/8420; printf '%s\r\nHost: localhost\r\nConnection: close\r\n%s\r\n' '$1' '${2:-}' >&3; cat <&3"; }
    has "it is alive" "200 OK" answer "GET /healthz HTTP/1.1"
    has "nothing without the link" "401 Unauthorized" answer "GET / HTTP/1.1"
    has "the jobs, with the token" '"name":"first"' answer "GET /api/v1/jobs HTTP/1.1" "Authorization: Bearer ${link##*/}"$'\r\n'
    # The whole way by the page: into the inbox, and back out of the outbox.
    has "a file by the API" '"name":"by-page"' inside bash -c "exec 3<>/dev/tcp/127.0.0.1/8420; { printf 'POST /api/v1/jobs?name=by-page HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: Bearer ${link##*/}\r\nContent-Length: %s\r\n\r\n' \$(stat -c %s /home/alice/articles.jsonl); cat /home/alice/articles.jsonl; } >&3; cat <&3"
    wait_for 30 job_is by-page "done"
    answers_are_right by-page
    check_fails "the page reads the key" inside runuser -u batchd-web -- cat /etc/batchd/api_key
    echo "service:   security of the page: $(inside systemd-analyze security --no-pager batchd-web | sed -n 's/^→ Overall exposure level[^:]*: //p')"
    check "off again" inside systemctl disable --now batchd-web.socket batchd-web.service
}
