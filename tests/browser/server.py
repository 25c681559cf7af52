"""A JupyterLab server of our own: free port, random token, and no settings but ours."""

import json
import os
import secrets
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

START_SECONDS = 60
STOP_SECONDS = 10


class JupyterLabServer:
    """Serves the notebooks in `root`; configuration, settings and log are kept in `home`."""

    def __init__(self, root, home):
        self.root, self.home = Path(root), Path(home)
        self.token = secrets.token_hex(16)

    def __enter__(self):
        self.write_settings("apputils-extension/notification", {"fetchNews": "false", "checkForUpdates": False})
        self.write_settings("docmanager-extension/plugin", {"autosave": False})
        self.write_settings("notebook-extension/tracker", {"windowingMode": "none"})  # all cells are in the page
        self.log = open(self._folder("logs") / "jupyterlab.log", "w")
        self.process = subprocess.Popen(
            self._command(), env=self._environment(), cwd=self.root, stdout=self.log, stderr=subprocess.STDOUT
        )
        try:
            self.url = self._wait_until_it_answers()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()

    def comms_over_subshells(self, value):
        """Sets on which kernel threads a page opened from now on runs the callbacks of its widgets."""
        self.write_settings("apputils-extension/kernels-settings", {"commsOverSubshells": value})

    def disable(self, extension):
        """Pages opened from now on do without this extension of JupyterLab."""
        file = self._folder("config") / "labconfig" / "page_config.json"
        file.parent.mkdir(exist_ok=True)
        file.write_text(json.dumps({"disabledExtensions": {extension: True}}))

    def write_settings(self, plugin, settings):
        """Settings of one of JupyterLab's own plugins, for the pages opened from now on."""
        file = self._folder("settings") / "@jupyterlab" / f"{plugin}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(settings))

    def _command(self):
        flags = ["--no-browser", "--allow-root", "--expose-app-in-browser", "--ServerApp.port=0"]
        here = [f"--ServerApp.root_dir={self.root}", f"--IdentityProvider.token={self.token}"]
        return [sys.executable, "-m", "jupyterlab", *flags, *here]

    def _environment(self):
        return os.environ | {
            "JUPYTER_CONFIG_DIR": str(self._folder("config")),
            "JUPYTER_DATA_DIR": str(self._folder("data")),
            "JUPYTER_RUNTIME_DIR": str(self._folder("runtime")),
            "JUPYTERLAB_SETTINGS_DIR": str(self._folder("settings")),
            "JUPYTERLAB_WORKSPACES_DIR": str(self._folder("workspaces")),
            "IPYTHONDIR": str(self._folder("ipython")),
        }

    def _folder(self, name):
        folder = self.home / name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def _wait_until_it_answers(self):
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            # The server writes down the port it was given.
            for written in self._folder("runtime").glob("jpserver-*.json"):
                try:
                    url = json.loads(written.read_text())["url"]
                    with urllib.request.urlopen(f"{url}api/status?token={self.token}"):
                        return url
                except (OSError, json.JSONDecodeError):
                    pass
            time.sleep(0.05)
        raise RuntimeError(f"JupyterLab does not answer; its log: {Path(self.log.name).read_text()}")
