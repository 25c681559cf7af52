"""Chromium, driven by playwright; both are optional, and what is missing is said in one sentence."""

import shutil
from contextlib import contextmanager

COMMANDS = "chromium", "chromium-browser", "google-chrome"
# In the mode for small devices it lets go of the pictures that it has shown: 0.4 GB for a page instead of 1 GB.
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run "
    "--disable-background-networking --disable-component-update --disable-sync --enable-low-end-device-mode"
)


class BrowserMissing(Exception):
    """The sentence tells what to install."""


@contextmanager
def chromium():
    """A playwright `Browser`; raises BrowserMissing where there is none."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        raise BrowserMissing("playwright is not installed: pip install -r tests/requirements.txt") from None
    command = next(filter(None, map(shutil.which, COMMANDS)), None)
    if command is None:
        raise BrowserMissing(
            "no browser is installed: apt-get install chromium, "
            "or another that offers the command chromium or google-chrome"
        )
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=command, args=FLAGS.split())
        try:
            yield browser
        finally:
            browser.close()
