"""Which Chromium the browser tests, the figures and the pictures use; ``.ci/need chromium`` sees to it that there is one."""

import shutil
import subprocess

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""The first is Chromium without its windows: the same pages for about two thirds of the processor time."""


def installed() -> str | None:
    """The system's Chromium; None where there is none that runs, so that Playwright takes its own."""
    for path in filter(None, map(shutil.which, NAMES)):
        # Ubuntu has a program of this name that only says where to get a browser.
        if subprocess.run([path, "--version"], capture_output=True, check=False).returncode == 0:
            return path
    return None
