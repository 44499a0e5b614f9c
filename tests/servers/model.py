"""A model behind a server: answers chat completions, slowly enough to be caught in the middle, and counts them."""

import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Model:
    """`calls` has, for each text that was asked, how often it was: what a provider would have charged."""

    def __init__(self, seconds=0.2):
        self.calls = {}
        self.lock = threading.Lock()
        model = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def answer(self, value):
                content = json.dumps(value).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def do_GET(self):
                self.answer({"object": "list", "data": [{"id": "gpt-4o-mini", "object": "model", "created": 1, "owned_by": "test"}]})

            def do_POST(self):
                request = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))))
                text = request["messages"][-1]["content"]
                text = text if isinstance(text, str) else json.dumps(text)
                with model.lock:
                    model.calls[text] = model.calls.get(text, 0) + 1
                time.sleep(seconds)
                message = {"role": "assistant", "content": "heard: " + text}
                self.answer({
                    "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": request["model"],
                    "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
                    "usage": {"prompt_tokens": 5, "completion_tokens": 5, "total_tokens": 10}})

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_: None  # a server that is killed leaves its connections as they are
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def most_calls(self):
        """How often the row was answered that was answered most."""
        with self.lock:
            return max(self.calls.values(), default=0)

    def close(self):
        self.server.shutdown()
        self.server.server_close()
