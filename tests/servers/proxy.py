"""A reverse proxy on loopback that keeps a record of what passes, and can lose an answer on its way back."""

import http.client
import json
import re
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "te", "trailer", "upgrade", "content-length", "expect"}


class Proxy:
    """Passes everything on to `127.0.0.1:target`. Thread safe."""

    def __init__(self, target):
        self.target = target
        self.lock = threading.Lock()
        self.to_lose = []  # of (method, end of the path)
        self.lost = 0
        self.created = []  # the batches of creates that the server has answered with 2xx, lost ones too
        self.answers = {}  # (method, kind of path, status): how often
        proxy = self

        class Handler(_Handler):
            owner = proxy

        self.server = _Server(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def lose_next(self, method, end_of_path):
        """The next answer to such a call that the server gives with 2xx is dropped, and the connection closed."""
        with self.lock:
            self.to_lose.append((method, end_of_path))

    def note(self, method, path, status, body):
        """Puts an answer on record; whether it is to be lost."""
        path = path.split("?")[0].rstrip("/")
        with self.lock:
            key = (method, re.sub(r"(/files|/batches)/[^/]+", r"\1/ID", path), status)
            self.answers[key] = self.answers.get(key, 0) + 1
            if status >= 300:
                return False
            if method == "POST" and path.endswith("/batches"):
                try:
                    self.created.append(json.loads(body)["id"])
                except (ValueError, KeyError, TypeError):
                    self.created.append("unreadable")
            for fault in self.to_lose:
                if fault[0] == method and path.endswith(fault[1]):
                    self.to_lose.remove(fault)
                    self.lost += 1
                    return True
        return False

    def asked(self):
        """How often a batch was asked for, by its id or in a listing, and the server said something."""
        with self.lock:
            return sum(times for (method, path, _), times in self.answers.items() if method == "GET" and "/batches" in path)

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class _Server(ThreadingHTTPServer):
    def handle_error(self, *_):
        pass  # a daemon that is killed leaves its connections as they are


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    owner = None

    def log_message(self, *_):
        pass

    def read_body(self):
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = b""
        while size := int(self.rfile.readline().split(b";")[0], 16):
            body += self.rfile.read(size)
            self.rfile.readline()
        self.rfile.readline()
        return body

    def pass_on(self):
        body = self.read_body()
        headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP_BY_HOP}
        try:
            server = http.client.HTTPConnection("127.0.0.1", self.owner.target, timeout=600)
            server.request(self.command, self.path, body or None, headers)
            answer = server.getresponse()
            content = answer.read()
        except (OSError, http.client.HTTPException):
            self.hang_up()  # as if the server itself were not there
            return
        if self.owner.note(self.command, self.path, answer.status, content):
            self.hang_up()
            return
        self.send_response_only(answer.status, answer.reason)
        for name, value in answer.getheaders():
            if name.lower() not in HOP_BY_HOP:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def hang_up(self):
        self.close_connection = True
        try:
            self.connection.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    do_GET = do_POST = do_DELETE = do_PUT = do_HEAD = pass_on
