"""Everything that one scenario needs, started and ended: a server, what is behind it, a proxy before it, and a daemon."""

import json
import subprocess
import urllib.request

from daemon import Daemon, wait_until
from model import Model
from proxy import Proxy
from servers import Server, answers, free_port


class Bench:
    def __init__(self, recipe, tools, folder):
        self.recipe = recipe
        self.model = Model()
        self.provider, self.provider_port = None, free_port()
        self.provider_folder = folder / "provider"
        if recipe.behind == "provider":
            self.start_provider(tools["sim"])
        binaries = tools["servers"] / recipe.name / ("bin" if recipe.python else "node_modules/.bin")
        self.server = Server(recipe, binaries, folder / "server", {"model": self.model.port, "provider": self.provider_port})
        self.server.start()
        self.proxy = Proxy(self.server.port)
        self.daemon = Daemon(tools["batchd"], folder / "daemon", self.proxy.port, recipe)

    def start_provider(self, sim):
        # Long enough in validation that a second batch can be seen and stopped before anything of it has run.
        self.provider = subprocess.Popen(
            [sim, "--port", str(self.provider_port), "--data", self.provider_folder, "--key", "sk-behind-0123456789",
             "--validating", "4", "--in-progress", "1", "--finalizing", "0.5"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        wait_until("the practice provider", lambda: answers(self.provider_port), 30)

    def tell_provider(self, route, body=None):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.provider_port}/admin/{route}", body) as answer:
            return answer.read()

    def twice(self):
        """What was answered more than once, in words; empty where nothing was."""
        if self.recipe.behind == "provider":
            again = json.loads(self.tell_provider("report"))["rows_run_again"]
            return f"{again} rows were answered again" if again else ""
        if self.recipe.behind == "model":
            return f"a row was answered {self.model.most_calls()} times" if self.model.most_calls() > 1 else ""
        wanted = len(self.daemon.ask("SELECT DISTINCT coalesce(bundle, job_id), shard FROM batches"))
        made = len(self.proxy.created)
        return f"{made} batches were made for {wanted}" if made > wanted else ""

    def close(self):
        self.daemon.end()
        self.proxy.close()
        self.server.kill()
        self.model.close()
        if self.provider:
            self.provider.terminate()
            self.provider.wait()


def ended(bench, names):
    states = bench.daemon.states()
    return all(states.get(name, "").split(" ")[0] in ("done", "failed", "rejected", "cancelled") for name in names)
