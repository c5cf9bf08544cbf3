"""Chromium for a test, or the reason why it is skipped."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import Error


def check_playwright():
    """Playwright's own program is a Node.js."""
    command = [sys.executable, "-m", "playwright", "--version"]
    program = subprocess.run(command, check=False, capture_output=True, text=True)
    skip_without_library(program.stderr)


def open_chromium(playwright):
    path = shutil.which("chromium") or playwright.chromium.executable_path
    if not Path(path).exists():
        skip("Chromium is not there", "chromium")
    try:
        return playwright.chromium.launch(executable_path=path)
    except Error as error:
        skip_without_library(error.message)
        raise


def skip_without_library(said):
    if missing := re.search(r"while loading shared libraries: (\S+):", said):
        package = re.sub(r"\.so\.?", "", missing[1]).replace("_", "-").lower()
        skip(f"{missing[1]} is not there", package)


def skip(reason, package):
    pytest.skip(f"{reason}, so this was not tried in a browser: `apt install {package}`")
