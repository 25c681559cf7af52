"""A student without a browser: what goes over the wire is what JupyterLab sends and waits for when a slider moves."""

import asyncio
import json
import socket
import sys
from ast import literal_eval
from time import perf_counter
from typing import NamedTuple

import psutil
from jupyter_client.session import Session
from jupyter_server.services.kernels.connection.base import deserialize_msg_from_ws_v1, serialize_msg_to_ws_v1
from tornado.httpclient import AsyncHTTPClient, HTTPRequest
from tornado.websocket import websocket_connect

UNDER_WAY = 'aria-live="off"'  # in the sentence of a run that has not ended
PROTOCOL = "v1.kernel.websocket.jupyter.org"
PATIENCE = 300  # seconds: a class that starts at once waits for its kernels
RATE, BURST, CYCLE = 10, 20, 10  # as people move: positions a second, positions in a burst, seconds to the next burst
LAST_PANEL = (
    "panel = [out for out in Out.values() if hasattr(out, 'knobs')][-1]; slider = next(iter(panel.knobs.values()))"
)
IN_HAND = "slider.model_id, slider.index, len(slider.options), panel.view.image.model_id, panel.status.model_id"
IS_LONG = "panel.view.long"


class Answer(NamedTuple):
    """A message from the kernel, and when it arrived."""

    arrived: float
    kind: str
    content: dict
    size: int


class Student:
    """Someone with a JupyterLab server, a kernel, and a hand on the first slider of a lesson's panel."""

    def __init__(self, jupyterlab):
        self.jupyterlab, self.session, self.errors = jupyterlab, Session(), []
        self.server = psutil.Process(jupyterlab.process.pid)

    @property
    def processes(self):
        """For psutil: the server and the kernel."""
        return self.server, self.kernel

    async def start_kernel(self, name="python3"):
        """A new kernel, with a thread for what widgets say, which JupyterLab too asks for (`perCommTarget`)."""
        kernel = await self._request("POST", "api/kernels", json.dumps({"name": name}))
        self.address = f"api/kernels/{kernel['id']}"
        address = f"{self.jupyterlab.url}{self.address}/channels?session_id={self.session.session}"
        request = self._authorized(address.replace("http", "ws", 1))
        self.channels = await websocket_connect(request, subprotocols=[PROTOCOL])
        self.kernel = psutil.Process(await self.value("__import__('os').getpid()"))
        (reply,) = await self.ask("control", "create_subshell_request", {}, reply="create_subshell_reply")
        self.subshell = reply.content["subshell_id"]

    async def stop_kernel(self):
        """End it and its panels."""
        self.channels.close()
        while await self.channels.read_message() is not None:
            pass  # what was still on its way
        await self._request("DELETE", self.address)

    async def run(self, notebook):
        """Open a lesson, run all its cells and put the hand on its slider; RuntimeError if a cell fails."""
        opened = await self._request("GET", f"api/contents/{notebook}")
        for cell in opened["content"]["cells"]:
            if cell["cell_type"] == "code":
                await self.execute(cell["source"])
        if self.errors:
            raise RuntimeError(f"{notebook}: {self.errors}")
        await self.take_in_hand()

    async def show(self, name):
        """Only this panel, without the other cells of its lesson."""
        await self.execute(f"from vaelib import panels; panels.{name}()")
        await self.take_in_hand()

    async def take_in_hand(self):
        """The first slider of the panel that was shown last."""
        await self.execute(LAST_PANEL)
        self.slider, self.position, self.positions, self.picture, self.status = await self.value(IN_HAND)
        self.learns = await self.value(IS_LONG)

    async def move(self):
        """Move the slider by one position. -> its picture, None if that is the same as before."""
        answers = await self.ask("shell", "comm_msg", self._next_position(), self.subshell)
        return next((answer for answer in answers if answer.content.get("comm_id") == self.picture), None)

    def _next_position(self):
        """What the page sends when the slider moves by one position."""
        self.position = (self.position + 1) % self.positions
        update = {"method": "update", "state": {"index": self.position}, "buffer_paths": []}
        return {"comm_id": self.slider, "data": update}

    async def learn(self):
        """Move the slider of a panel that learns while one looks, until the run has ended. -> its pictures."""
        pictures = []
        await self._send("shell", self.session.msg("comm_msg", self._next_position()), self.subshell)
        while True:
            answer, _ = await self._receive()
            if answer.content.get("comm_id") == self.picture:
                pictures.append(answer)
            said = answer.content.get("data", {}).get("state", {}).get("value", UNDER_WAY)
            if answer.content.get("comm_id") == self.status and UNDER_WAY not in said:
                return pictures

    async def delay(self, since):
        """The seconds from `since` to the picture of the next move; RuntimeError if none comes."""
        picture = await self.move()
        if picture is None:
            raise RuntimeError(f"no picture for position {self.position}: {self.errors}")
        return picture.arrived - since

    async def move_without_pause(self, seconds):
        """Each move follows the picture of the one before. -> the delay of each picture."""
        delays, end = [], perf_counter() + seconds
        while (start := perf_counter()) < end:
            delays.append(await self.delay(start))
        return delays

    async def move_as_people_do(self, cycles, phase):
        """Bursts of moves, and reading between them. -> the delay of each picture.

        Positions that the hand has left while the kernel was busy are never sent, as in JupyterLab.
        """
        delays = []
        await asyncio.sleep(phase * CYCLE)
        for _ in range(cycles):
            start, sent = perf_counter(), -1
            while sent < BURST - 1:
                await asyncio.sleep(start + (sent + 1) / RATE - perf_counter())
                sent = min(max(int((perf_counter() - start) * RATE), sent + 1), BURST - 1)
                delays.append(await self.delay(start + sent / RATE))
            await asyncio.sleep(start + CYCLE - perf_counter())
        return delays

    async def is_right(self, offline):
        """Whether the panel is where the hand put it and says what `offline`, the same without a server, says there."""
        position, values, says = await self.value("slider.index, panel.values, panel.status.value")
        offline.set(**values)
        return not self.errors and (position, says) == (self.position, offline.status.value)

    async def execute(self, code, **expressions):
        """The kernel's reply to a cell with this code."""
        content = {"code": code, "silent": False, "user_expressions": expressions, "allow_stdin": False}
        answers = await self.ask("shell", "execute_request", content, reply="execute_reply")
        return next(answer.content for answer in answers if answer.kind == "execute_reply")

    async def value(self, expression):
        """What an expression of plain values is worth in the kernel."""
        reply = await self.execute("", value=expression)
        return literal_eval(reply["user_expressions"]["value"]["data"]["text/plain"])

    async def ask(self, channel, kind, content, subshell=None, reply=None):
        """Send one message, and collect what the kernel answers until it is idle again and has sent its `reply`."""
        message = self.session.msg(kind, content)
        await self._send(channel, message, subshell)
        answers, missing = [], {"idle", reply} - {None}
        while missing:
            answer, asked = await self._receive()
            if asked == message["msg_id"]:
                missing -= {answer.kind, answer.content.get("execution_state")}
                answers.append(answer)
        return [answer for answer in answers if answer.kind != "status"]

    async def _send(self, channel, message, subshell=None):
        if subshell:
            message["header"]["subshell_id"] = subshell
        await self.channels.write_message(serialize_msg_to_ws_v1(message, channel, self.session.pack), binary=True)

    async def _receive(self):
        """The next message, and which one of ours it answers."""
        received = await asyncio.wait_for(self.channels.read_message(), PATIENCE)
        arrived = perf_counter()
        if received is None:
            raise RuntimeError("the server has closed the connection to the kernel")
        self._acknowledge()
        header, parent, _, content = map(json.loads, deserialize_msg_from_ws_v1(received)[1][:4])
        answer = Answer(arrived, header["msg_type"], content, len(received))
        if answer.kind == "error" or content.get("name") == "stderr":
            self.errors.append(content)
        return answer, parent.get("msg_id")

    def _acknowledge(self):
        """Tell the server at once that a message has arrived, as a browser does; else the next can wait for 40 ms."""
        if hasattr(socket, "TCP_QUICKACK"):
            self.channels.protocol.stream.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)

    async def _request(self, method, address, body=None):
        answer = await AsyncHTTPClient().fetch(
            self._authorized(self.jupyterlab.url + address, method=method, body=body)
        )
        return json.loads(answer.body) if answer.body else None

    def _authorized(self, url, **options):
        patience = {"connect_timeout": PATIENCE, "request_timeout": PATIENCE}
        return HTTPRequest(url, headers={"Authorization": f"token {self.jupyterlab.token}"}, **patience, **options)


def write_kernelspec(server, name, environment):
    """Another kernel that `server` offers: this Python with these variables in its environment."""
    folder = server.home / "data" / "kernels" / name
    folder.mkdir(parents=True)
    command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    specification = {"argv": command, "display_name": name, "language": "python", "env": environment}
    (folder / "kernel.json").write_text(json.dumps(specification))
