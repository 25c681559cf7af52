"""Servers of our own: free ports, no settings but ours, and nothing that outlives them."""

import json
import os
import secrets
import shutil
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

START_SECONDS = 60
STOP_SECONDS = 30
ANSWER_SECONDS = 5

# JupyterLab's ways to bring what a slider says to a thread of the kernel, its default first.
BY_DEFAULT, *OTHERS = "perCommTarget", "disabled", "perComm"


class Server:
    """A process that keeps its files in `home`, and all that it starts; `url` is where it answers."""

    def __init__(self, home):
        self.home = Path(home)

    def __enter__(self):
        self.log = open(self._folder("logs") / "server.log", "w")
        self.process = psutil.Popen(
            self._command(), env=self._environment(), cwd=self.home, stdout=self.log, stderr=subprocess.STDOUT
        )
        self.processes = {self.process}
        try:
            self.url = self._wait_until_it_answers()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.note_processes()
        with suppress(psutil.NoSuchProcess):
            self.process.terminate()
        _, alive = psutil.wait_procs(self.processes, STOP_SECONDS)
        for process in alive:
            process.kill()
        self.process.wait()
        self.log.close()

    def note_processes(self):
        """Remembers what runs by now, to end it too, should it lose its parent."""
        with suppress(psutil.NoSuchProcess):
            self.processes.update(self.process.children(recursive=True))

    def _environment(self):
        return os.environ

    def _wait_until_it_answers(self):
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            self.note_processes()
            try:
                if url := self._answering():
                    return url
            except (OSError, json.JSONDecodeError):
                pass
            time.sleep(0.05)
        raise RuntimeError(f"{type(self).__name__} does not answer; its log: {Path(self.log.name).read_text()}")

    def _folder(self, name):
        folder = self.home / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder


class JupyterLabServer(Server):
    """Serves the notebooks in `root`; configuration, settings and log are kept in `home`."""

    def __init__(self, root, home):
        super().__init__(home)
        self.root, self.token = Path(root), secrets.token_hex(16)

    def __enter__(self):
        write_our_settings(self._folder("settings"))
        return super().__enter__()

    def address(self, notebook):
        """The notebook in an empty workspace."""
        return f"{self.url}lab/workspaces/test/tree/{notebook}?token={self.token}&reset"

    def comms_over_subshells(self, value):
        """Sets on which kernel threads a page opened from now on runs the callbacks of its widgets."""
        write_settings(self._folder("settings"), "apputils-extension/kernels-settings", {"commsOverSubshells": value})

    def disable(self, extension):
        """Pages opened from now on do without this extension of JupyterLab."""
        file = self._folder("config") / "labconfig" / "page_config.json"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps({"disabledExtensions": {extension: True}}))

    @contextmanager
    def kernel(self, name, title):
        """For a while, one more kernel: this Python by another name."""
        install = [sys.executable, "-m", "ipykernel", "install", "--user", "--name", name, "--display-name", title]
        subprocess.run(install, env=self._environment(), check=True, capture_output=True)
        yield
        shutil.rmtree(self._folder("data") / "kernels" / name)

    def _command(self):
        flags = ["--no-browser", "--allow-root", "--expose-app-in-browser", "--ServerApp.port=0"]
        here = [f"--ServerApp.root_dir={self.root}", f"--IdentityProvider.token={self.token}"]
        return [sys.executable, "-m", "jupyterlab", *flags, *here]

    def _environment(self):
        return super()._environment() | {
            "JUPYTER_CONFIG_DIR": str(self._folder("config")),
            "JUPYTER_DATA_DIR": str(self._folder("data")),
            "JUPYTER_RUNTIME_DIR": str(self._folder("runtime")),
            "JUPYTERLAB_SETTINGS_DIR": str(self._folder("settings")),
            "JUPYTERLAB_WORKSPACES_DIR": str(self._folder("workspaces")),
            "IPYTHONDIR": str(self._folder("ipython")),
            "PYDEVD_DISABLE_FILE_VALIDATION": "1",  # else the debugger of a restarted kernel prints a warning
        }

    def _answering(self):
        # The server writes down the port it was given.
        for written in self._folder("runtime").glob("jpserver-*.json"):
            url = json.loads(written.read_text())["url"]
            with urllib.request.urlopen(f"{url}api/status?token={self.token}", timeout=ANSWER_SECONDS):
                return url
        return None


def write_our_settings(folder):
    """Settings of JupyterLab that keep its page quiet and whole."""
    write_settings(folder, "apputils-extension/notification", {"fetchNews": "false", "checkForUpdates": False})
    write_settings(folder, "docmanager-extension/plugin", {"autosave": False})
    write_settings(folder, "notebook-extension/tracker", {"windowingMode": "none"})  # all cells are in the page


def write_settings(folder, plugin, settings):
    """Settings of one of JupyterLab's own plugins, for the pages opened from now on."""
    file = folder / "@jupyterlab" / f"{plugin}.jupyterlab-settings"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(settings))
