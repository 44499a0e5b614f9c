"""The servers that are tried: how each is installed, started, and what is behind it."""

import os
import signal
import socket
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Recipe:
    """`packages` are of PyPI, for Python 3.A to 3.B where `python` is (A, B), or of npm where that is empty."""

    name: str
    packages: list
    python: tuple
    command: list  # {bin}, {port}, {folder} are put in
    configuration: str = ""  # written to {folder}/config; {folder}, {model}, {provider} are ports and paths put in
    environment: dict = field(default_factory=dict)
    behind: str = ""  # "model": answers come from our model; "provider": batches go on to the practice provider
    after_death: str = "goes on"  # with its batches; or "forgets" them, or "hangs": they stay as they are for ever
    key: str = "sk-servers-0123456789"
    model: str = "gpt-4o-mini"


LITELLM = """
model_list:
  - model_name: gpt-4o-mini
    litellm_params: {{model: openai/gpt-4o-mini, api_base: "http://127.0.0.1:{provider}/v1", api_key: sk-behind-0123456789}}
files_settings:
  - custom_llm_provider: openai
    api_base: "http://127.0.0.1:{provider}/v1"
    api_key: sk-behind-0123456789
general_settings: {{master_key: sk-servers-0123456789}}
"""

OGX = """
version: 2
distro_name: servers
apis: [batches, files, inference]
providers:
  inference:
    - {{provider_id: openai, provider_type: "remote::openai", config: {{api_key: sk-behind, base_url: "http://127.0.0.1:{model}/v1"}}}}
  files:
    - provider_id: files
      provider_type: inline::localfs
      config: {{storage_dir: "{folder}/files", metadata_store: {{table_name: files_metadata, backend: sql}}}}
  batches:
    - provider_id: reference
      provider_type: inline::reference
      config: {{sqlstore: {{table_name: batches, backend: sql}}}}
storage:
  backends:
    kv: {{type: kv_sqlite, db_path: "{folder}/kv.db"}}
    sql: {{type: sql_sqlite, db_path: "{folder}/sql.db"}}
  stores:
    metadata: {{namespace: registry, backend: kv}}
    inference: {{table_name: inference_store, backend: sql}}
    conversations: {{table_name: conversations, backend: sql}}
    prompts: {{table_name: prompts, backend: sql}}
    connectors: {{table_name: connectors, backend: sql}}
registered_resources:
  models:
    - {{model_id: gpt-4o-mini, provider_id: openai, provider_model_id: gpt-4o-mini, model_type: llm, metadata: {{}}}}
server: {{port: {port}, host: 127.0.0.1}}
"""

RECIPES = {recipe.name: recipe for recipe in [
    Recipe("litellm", ["litellm[proxy]==1.101.6"], (10, 14),
           ["{bin}/litellm", "--config", "{folder}/config.yaml", "--host", "127.0.0.1", "--port", "{port}"],
           LITELLM, behind="provider"),
    Recipe("ogx", ["ogx==1.5.0"], (12, 14), ["{bin}/ogx", "run", "{folder}/config.yaml", "--insecure"], OGX, behind="model",
           model="openai/gpt-4o-mini", after_death="hangs"),
    Recipe("aibrix", ["aibrix==0.8.0"], (10, 12),
           ["{bin}/aibrix_metadata", "--host", "127.0.0.1", "--port", "{port}", "--dry-run"],
           environment={"STORAGE_LOCAL_PATH": "{folder}/storage"}),
    Recipe("aimock", ["@copilotkit/aimock@1.43.0"], (),
           ["{bin}/aimock", "--config", "{folder}/config.yaml", "--host", "127.0.0.1", "--port", "{port}"], "{{}}",
           after_death="forgets"),
    Recipe("llmock", ["llmock==0.2.2"], (10, 14),
           ["{bin}/llmock", "serve", "--host", "127.0.0.1", "--port", "{port}"], after_death="forgets"),
]}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


class Server:
    """A process of a recipe, on a port of its own that stays the same through its deaths."""

    def __init__(self, recipe, binaries, folder, ports):
        self.recipe, self.folder, self.port = recipe, Path(folder), free_port()
        self.folder.mkdir(parents=True)
        self.process = None
        values = {"bin": binaries, "folder": folder, "port": self.port, **ports}
        self.command = [part.format(**values) for part in recipe.command]
        self.environment = {**os.environ, **{name: value.format(**values) for name, value in recipe.environment.items()}}
        (self.folder / "config.yaml").write_text(recipe.configuration.format(**values))

    def start(self, seconds=240):
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen(self.command, cwd=self.folder, env=self.environment, stdout=log, stderr=log,
                                            stdin=subprocess.DEVNULL, start_new_session=True)
        end = time.monotonic() + seconds
        while not answers(self.port):
            if self.process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"{self.recipe.name} does not start; see {self.folder}/log")
            time.sleep(0.2)

    def kill(self):
        """It and all processes that it has started."""
        if self.process:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None
