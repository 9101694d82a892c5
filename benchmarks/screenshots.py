"""``make screenshots``: every drawn screen of the demonstration, phone and desktop, into docs/screens.

Where the drawings are at hand (a folder ``design`` beside the project's shared papers, or the one
named by ``DESIGN``), each picture shows the drawing on the left and the product on the right.
"""

import io
import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SCREENS = ROOT / "docs" / "screens"
SIZES = {"phone": (390, 780), "desktop": (1280, 860)}
MOST_BYTES = 120_000


def main() -> None:
    """Load the demonstration, serve it, photograph it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.settings")
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    os.environ.setdefault("VUONXA_VAR", str(ROOT / "var" / "bench"))
    import django

    django.setup()
    from benchmarks import stage
    from website.demo import load

    stage.prepare(say)
    load.load("full", out=say)  # the batch and the checked list come with the rest
    SCREENS.mkdir(parents=True, exist_ok=True)
    with Server() as server:
        photograph(server.url)


def say(line: str) -> None:
    """Show progress."""
    print(line, flush=True)


class Server:
    """The demonstration served on a free port, with the *settings* of a module and further *options* of granian."""

    def __init__(self, settings: str = "website.settings.base", *options: str):
        self.settings, self.options = settings, options

    def __enter__(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        env = {
            **os.environ,
            "VUONXA_DEMO": "1",
            "BASE_URL": self.url,
            "DJANGO_SETTINGS_MODULE": self.settings,
        }
        command = [
            sys.executable,
            "-m",
            "granian",
            "--interface",
            "wsgi",
            "--host",
            "127.0.0.1",
            "--port",
            str(port),
            *self.options,
        ]
        # What the server says is no figure.
        self.process = subprocess.Popen(
            [*command, "website.wsgi:application"], cwd=ROOT, env=env, stdout=sys.stderr
        )
        for _try in range(300):
            try:
                urllib.request.urlopen(f"{self.url}/healthz", timeout=5).close()
            except OSError:
                time.sleep(0.1)
            else:
                return self
        raise SystemExit("The server did not come up.")

    def __exit__(self, *_error):
        self.process.terminate()
        self.process.wait(20)


def photograph(url: str) -> None:
    """Take every screen in both sizes."""
    from playwright.sync_api import sync_playwright

    from benchmarks.scenes import scenes
    from tests import browsers

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browsers.installed(), args=["--no-sandbox"])
        for name, scene in scenes().items():
            for size, (width, height) in SIZES.items():
                options = {
                    "viewport": {"width": width, "height": height},
                    "locale": "vi-VN",
                    "device_scale_factor": 1,
                }
                context = browser.new_context(**options)
                if scene.session:
                    context.add_cookies([{"name": "sessionid", "value": scene.session, "url": url}])
                page = context.new_page()
                response = page.goto(url + scene.path)
                if scene.then:
                    scene.then(page)
                if response.status >= 400 and response.status not in scene.statuses:
                    raise SystemExit(f"{name}: {scene.path} answered {response.status}")
                page.wait_for_load_state("networkidle")
                picture = page.screenshot()
                drawing = drawn(context, name)
                path = SCREENS / f"{name}-{size}.png"
                save(drawing, picture, path)
                say(f"{path.relative_to(ROOT)}: {path.stat().st_size // 1024} kB")
                context.close()
        browser.close()


def drawn(context, name: str) -> bytes | None:
    """The drawing of a screen in the same window, or None where the drawings are not at hand."""
    folder = Path(os.environ.get("DESIGN", ROOT.parent / "shared" / "design"))
    path = folder / f"{name}.html"
    if not path.exists():
        return None
    page = context.new_page()
    page.goto(path.as_uri())
    return page.screenshot()


def save(drawing: bytes | None, picture: bytes, path: Path) -> None:
    """Write the product, beside its drawing where there is one, with as many colours as fit the limit."""
    from PIL import Image

    images = [Image.open(io.BytesIO(data)).convert("RGB") for data in (drawing, picture) if data]
    gap = 16 if len(images) > 1 else 0
    sheet = Image.new("RGB", (sum(i.width for i in images) + gap, max(i.height for i in images)), "#888888")
    left = 0
    for image in images:
        sheet.paste(image, (left, 0))
        left += image.width + gap
    for colours in (64, 32, 16, 8):
        sheet.quantize(colours, dither=Image.Dither.NONE).save(path, optimize=True)
        if path.stat().st_size <= MOST_BYTES:
            return
    sheet.resize((sheet.width // 2, sheet.height // 2)).quantize(16).save(path, optimize=True)


if __name__ == "__main__":
    main()
