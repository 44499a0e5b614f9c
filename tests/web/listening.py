#!/usr/bin/env python3
"""listening.py BATCHD: where a page that runs listens, what it says of that, and that it reads its configuration again."""

import contextlib
import http.client
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile

from page_process import RunningPage, wait_for


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost")
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.path)


def ask(connection, method, path, **headers):
    connection.request(method, path, headers={name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    return answer.status, answer.headers, answer.read().decode()


def opens_on_a_path(batchd, folder):
    place = f"{folder}/page.sock"
    with RunningPage(batchd, folder, listen=place) as page:
        status, headers, _ = ask(UnixConnection(place), "GET", "/link/" + page.token)
        assert status == 303, status
        status, _, body = ask(UnixConnection(place), "GET", "/", Cookie=headers["Set-Cookie"].split(";")[0])
        assert status == 200 and "<h1>Jobs</h1>" in body, body
        # The daemon's own word, through the page.
        status, _, body = ask(UnixConnection(place), "POST", "/api/v1/jobs/99/cancel", Authorization="Bearer " + page.token)
        assert status == 404 and '"not_found"' in body, (status, body)
        link = subprocess.run([batchd, "--config", page.folder / "batchd.toml", "web", "--link"], capture_output=True, text=True,
                              env={**os.environ, "RUNTIME_DIRECTORY": str(page.folder)})
        assert link.stdout == f"http://localhost/link/{page.token}\n", link


def listener(address):
    opened = socket.socket()
    opened.bind((address, 0))
    opened.listen()
    return opened


# It becomes the process that has the number which it says.
AS_SYSTEMD = """import os, sys
os.environ.update(LISTEN_FDS="1", LISTEN_PID=str(os.getpid()))
os.dup2(int(sys.argv[1]), 3)
os.execv(sys.argv[2], sys.argv[2:])
"""


@contextlib.contextmanager
def start_with(batchd, page, opened):
    """`batchd web` with a socket that systemd opened: as descriptor 3. It ends with the context."""
    number = opened.fileno()
    words = [sys.executable, "-c", AS_SYSTEMD, str(number), batchd, "--config", page.folder / "batchd.toml", "web"]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, pass_fds=[number],
                               env={**os.environ, "RUNTIME_DIRECTORY": str(page.folder)})
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def refuses_what_others_reach(batchd, folder):
    page = RunningPage(batchd, folder)
    with listener("0.0.0.0") as opened, start_with(batchd, page, opened) as process:
        said = process.communicate(timeout=600)[1]
        assert process.returncode == 78, (process.returncode, said)
        assert f"systemd listens on 0.0.0.0:{opened.getsockname()[1]} for the page" in said and "web.behind_proxy" in said, said


def says_where_it_is(batchd, folder):
    page = RunningPage(batchd, folder)
    with listener("127.0.0.1") as opened, start_with(batchd, page, opened) as process:
        link = process.stdout.readline().strip()
        port = opened.getsockname()[1]
        assert link.startswith(f"http://127.0.0.1:{port}/link/"), link
        status, _, _ = ask(http.client.HTTPConnection("127.0.0.1", port), "GET", "/link/" + link.rsplit("/", 1)[1])
        assert status == 303, status
        process.terminate()
        said = process.communicate(timeout=600)[1]
        assert f"nobody listens on 127.0.0.1:{page.port} of web.listen: systemd has opened 127.0.0.1:{port}" in said, said
        assert process.returncode == 0, process.returncode


def reads_its_configuration_again(batchd, folder):
    with RunningPage(batchd, folder) as page:
        log = page.folder / "web.log"

        def reload(more, answer):
            before = log.read_text().count(answer)
            page.configure(more)
            page.page.send_signal(signal.SIGHUP)
            wait_for(lambda: log.read_text().count(answer) > before, answer + ": " + log.read_text())

        status, headers, _ = ask(http.client.HTTPConnection("127.0.0.1", page.port), "GET", "/link/" + page.token)
        cookie = headers["Set-Cookie"].split(";")[0]
        submit = lambda: ask(http.client.HTTPConnection("127.0.0.1", page.port), "GET", "/submit", Cookie=cookie)[2]  # noqa: E731
        assert "nightly" not in submit()
        reload("[queue.nightly]", "the configuration is taken over")
        assert "nightly" in submit(), "a queue that was added"
        reload("read_only = true", "the configuration is taken over")
        assert "this page only shows" in submit() and status == 303
        reload("read_only = 7", "the configuration is not taken over")
        assert "this page only shows" in submit(), "what was right before stays"
        reload("", "the configuration is taken over")
        assert "this page only shows" not in submit()


def main():
    batchd = str(pathlib.Path(sys.argv[1]).resolve())
    for part in (opens_on_a_path, refuses_what_others_reach, says_where_it_is, reads_its_configuration_again):
        with tempfile.TemporaryDirectory() as folder:
            part(batchd, folder)
        print(part.__name__)


if __name__ == "__main__":
    main()
