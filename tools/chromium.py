"""Chromium, which Playwright drives: it prints hand-outs, and tests look at pages in it."""

import contextlib
import re
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Error, sync_playwright

from helpers.errors import InputError


@contextlib.contextmanager
def chromium():
    """A browser; `InputError` if there is none."""
    program = [sys.executable, "-m", "playwright", "--version"]  # a Node.js
    ran = subprocess.run(program, check=False, capture_output=True, text=True)
    if ran.returncode:
        raise not_started(ran.stderr)
    with sync_playwright() as playwright:
        path = shutil.which("chromium") or playwright.chromium.executable_path
        if not Path(path).exists():
            raise InputError("Chromium is not there: `apt install chromium`.")
        try:
            browser = playwright.chromium.launch(executable_path=path)
        except Error as error:
            raise not_started(error.message) from error
        yield browser


def not_started(said):
    """The error that says why a program did not start, and which package it needs."""
    if missing := re.search(r"while loading shared libraries: (\S+):", said):
        package = re.sub(r"\.so\.?", "", missing[1]).replace("_", "-").lower()
        return InputError(f"{missing[1]} is not there: `apt install {package}`.")
    last = (said.strip() or "no word of it").splitlines()[-1]
    return InputError(f"Chromium, or Playwright, which drives it, does not start: {last}")
