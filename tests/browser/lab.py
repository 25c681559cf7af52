"""A notebook in a JupyterLab page, and the panels in it, as a person sees and handles them."""

import base64
import os
import re
import time
from contextlib import contextmanager

import nbformat

from .server import BY_DEFAULT

OPEN_MS = 60_000
RUN_MS = 240_000
ANSWER_SECONDS = 30
VIEWPORT = {"width": 1280, "height": 1600}

NOTEBOOK = "window.jupyterapp?.shell.currentWidget"
KERNEL = f"{NOTEBOOK}?.sessionContext.session?.kernel"
DIALOG = ".jp-Dialog"

# On opening, JupyterLab asks the kernel for its widgets, now and then before a cell has imported ipywidgets; the
# kernel then says that it knows no "comm" of that name.
HARMLESS = "No such comm"

# A callback that fails in the kernel shows nowhere in the page: only the kernel's message tells.
LISTEN_TO_KERNEL = f"""() => {{
    window.kernelErrors = [];
    {NOTEBOOK}.sessionContext.iopubMessage.connect((_, message) => {{
        const {{ ename, evalue, name, text }} = message.content;
        if (message.header.msg_type === "error") kernelErrors.push(`${{ename}}: ${{evalue}}`);
        if (name === "stderr" && !text.startsWith("{HARMLESS}")) kernelErrors.push(text);
    }});
}}"""

EXECUTE = """command => {
    window.commandEnded = false;
    jupyterapp.commands.execute(command).finally(() => { window.commandEnded = true; });
}"""

WRITE_AND_SAVE = f"""async text => {{
    {NOTEBOOK}.content.model.cells.get(0).sharedModel.setSource(text);
    await jupyterapp.commands.execute("docmanager:save");
}}"""

READ_PICTURE = """async picture => {
    const reader = new FileReader();
    reader.readAsDataURL(await (await fetch(picture.src)).blob());
    await new Promise(resolve => { reader.onload = resolve; });
    return reader.result.split(",")[1];
}"""

ASK_KERNEL = f"""async expression => {{
    const future = {KERNEL}.requestExecute({{ code: "", user_expressions: {{ expression }} }});
    return (await future.done).content.user_expressions.expression.data["text/plain"];
}}"""


class Lab:
    """A page of its own in `browser`, for one notebook of `server`; the kernel ends with it."""

    def __init__(self, browser, server, *, scale=1):
        self.server = server
        self.context = browser.new_context(viewport=VIEWPORT, device_scale_factor=scale)
        if os.environ.get("VAELIB_TRACE") == "1":
            self.context.tracing.start(screenshots=True, snapshots=True)
        self.page = self.context.new_page()
        self.dialog = self.page.locator(DIALOG)
        self.page_errors = []
        self.page.on("pageerror", lambda error: self.page_errors.append(str(error)))
        self.page.on("console", self._keep_error)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.page.evaluate(f"() => {NOTEBOOK}?.sessionContext?.shutdown()")
        self.context.close()

    def open(self, notebook, *, kernel=None):
        """Opens it in an empty workspace and waits for its kernel: the one named `kernel` if JupyterLab asks which."""
        ready = f"{NOTEBOOK}?.context?.isReady && {KERNEL}?.status === 'idle'"
        self.page.goto(self.server.address(notebook))
        if kernel:
            self.page.wait_for_function(f"() => document.querySelector('{DIALOG}') || {ready}", timeout=OPEN_MS)
            if self.dialog.is_visible():
                self.dialog.locator("select").select_option(kernel)
                self.accept()
        self.page.wait_for_function(f"() => {ready}", timeout=OPEN_MS)
        self.page.evaluate("() => jupyterapp.shell.collapseLeft()")
        self.page.evaluate(LISTEN_TO_KERNEL)

    def run_all(self):
        self.execute("run-all-cells")

    def select(self, source):
        """Selects the code cell that contains `source`."""
        self.page.locator(".jp-CodeCell", has_text=source).locator(".jp-InputPrompt").click()

    def execute(self, command, *, asks=False):
        """Executes a command of the notebook's menu, says yes if it `asks`, and waits until the kernel rests."""
        self.page.evaluate(EXECUTE, f"notebook:{command}")
        if asks:
            self.accept()
        self.page.wait_for_function(f"() => window.commandEnded && {KERNEL}?.status === 'idle'", timeout=RUN_MS)

    def accept(self):
        self.dialog.locator(".jp-mod-accept").click()

    def kernel_name(self):
        return self.page.evaluate(f"() => {KERNEL}.name")

    def comms_over_subshells(self):
        return self.page.evaluate(f"() => {KERNEL}.commsOverSubshells")

    def cells(self):
        return self.page.evaluate(f"() => {NOTEBOOK}.content.model.toJSON().cells")

    def outputs(self):
        return [output for cell in self.cells() for output in cell.get("outputs", [])]

    def write_and_save(self, text):
        """Puts `text` into the first cell, and the notebook into its file."""
        self.page.evaluate(WRITE_AND_SAVE, text)

    def ask_kernel(self, expression):
        """The value of a Python expression in the kernel, as its repr."""
        return self.page.evaluate(ASK_KERNEL, expression)

    def panel(self, number=0):
        """A live panel of the notebook, once its picture is there."""
        panel = Panel(self.page, self.page.locator(".vaelib-panel").nth(number))
        panel.picture.wait_for()
        return panel

    def saved_picture(self, source):
        """The picture stored in the notebook below the code cell that contains `source`."""
        cell = self.page.locator(".jp-CodeCell", has_text=source)
        return cell.locator('img[src^="data:image/png"]').first

    def new_errors(self):
        """What went wrong in the page and in the kernel since this was last asked."""
        errors = self.page_errors + self.page.evaluate("() => kernelErrors.splice(0)")
        self.page_errors.clear()
        return errors

    def _keep_error(self, message):
        if message.type == "error":
            self.page_errors.append(message.text)


@contextmanager
def running(browser, server, notebook, name, comms=BY_DEFAULT):
    """A page of this notebook, stored under that name, with all cells run under one of JupyterLab's settings."""
    nbformat.write(notebook, server.root / name)
    server.comms_over_subshells(comms)
    with Lab(browser, server) as lab:
        lab.open(name)
        assert lab.comms_over_subshells() == comms
        lab.run_all()
        yield lab


class Panel:
    """The panel in the element `root` of a page."""

    def __init__(self, page, root):
        self.page, self.root = page, root
        self.picture = root.locator("img.widget-image").locator("visible=true")
        self.status = root.locator(".vaelib-status")

    def knob(self, name):
        """The knob, in view if it is in view anywhere: tabs can share one."""
        label = self.page.locator(".widget-label", has_text=re.compile(f"^{re.escape(name)}$"))
        knob = self.root.locator(".widget-inline-hbox", has=label)
        shown = knob.locator("visible=true")
        return shown if shown.count() else knob.first

    def handle(self, knob):
        return self.knob(knob).locator(".noUi-handle")

    def press(self, knob, key, times=1):
        self.handle(knob).focus()
        for _ in range(times):
            self.page.keyboard.press(key)

    def drag(self, knob, fraction):
        """Takes the handle with the mouse to `fraction` of the slider's length."""
        self.handle(knob).hover()
        track = self.knob(knob).locator(".noUi-base").bounding_box()
        self.page.mouse.down()
        self.page.mouse.move(track["x"] + fraction * track["width"], track["y"] + track["height"] / 2, steps=10)
        self.page.mouse.up()

    def choose(self, knob, option):
        self.knob(knob).locator("select").select_option(option)

    def click(self, button):
        self.root.get_by_role("button", name=button, exact=True).click()

    def play(self):
        """Presses play, which is pause while it plays."""
        self.root.locator(".widget-play button").first.click()

    def unlock(self):
        """Presses the toggle before the locked knobs, which also locks them again."""
        self.root.locator(".widget-toggle-button").click()

    def is_locked(self, knob):
        return self.knob(knob).locator(".noUi-target").get_attribute("disabled") is not None

    def open_tab(self, title):
        self.root.get_by_role("tab", name=title, exact=True).click()

    def bring_into_view(self, knob):
        """Unfolds the knobs behind "more" if it is one of them."""
        if not self.knob(knob).is_visible():
            self.root.get_by_text("more", exact=True).click()

    def readout(self, knob):
        return self.knob(knob).locator(".widget-readout").text_content()

    def readouts(self):
        """What is written beside each slider, by its name, in view or not."""
        return self.root.evaluate("""root => Object.fromEntries(
            [...root.querySelectorAll(".widget-readout")].map(readout =>
                [readout.parentElement.querySelector(".widget-label").textContent, readout.textContent]
            )
        )""")

    def picture_address(self):
        return self.picture.get_attribute("src")

    def png(self):
        """The bytes of the file that is shown."""
        return base64.b64decode(self.picture.evaluate(READ_PICTURE))

    def picture_sizes(self):
        """Width and height in pixels of the file, and as shown in the page."""
        return self.picture.evaluate("""async picture => {
            await picture.decode();
            const { width, height } = picture.getBoundingClientRect();
            return [[picture.naturalWidth, picture.naturalHeight], [width, height]];
        }""")

    def is_disconnected(self):
        """Whether JupyterLab marks it as one whose kernel is gone."""
        return "jupyter-widgets-disconnected" in self.root.get_attribute("class")

    def status_text(self):
        return self.status.inner_text()

    def wait_for(self, read, wanted, seconds=ANSWER_SECONDS):
        """Waits until `wanted` holds for what `read` returns; returns that, or what it was when patience ended."""
        deadline = time.monotonic() + seconds
        while not wanted(value := read()) and time.monotonic() < deadline:
            self.page.wait_for_timeout(20)
        return value
