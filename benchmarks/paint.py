"""When a learner on a bad line sees the first of a page: Chromium at 100 kbit/s, 600 ms away, six times slower."""

import statistics

from benchmarks.measure import Request
from benchmarks.screenshots import Server
from tests import browsers

LINE = {"offline": False, "latency": 600, "downloadThroughput": 12_500, "uploadThroughput": 12_500}
PAINTED = """() => new Promise((done) => new PerformanceObserver((list) => {
    const found = list.getEntries().find((one) => one.name === "first-contentful-paint");
    if (found) done(found.startTime);
}).observe({ type: "paint", buffered: true }))"""


def first_paint(tell, pages: dict[str, Request], bare: Request) -> None:
    """Milliseconds until the first words of each of *pages* stand there, nothing kept; beside them the *bare* page."""
    from playwright.sync_api import sync_playwright

    with Server("benchmarks.settings") as server, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=browsers.installed(), args=["--no-sandbox"])
        taken = {
            name: statistics.median(_painted(browser, server.url, page) for _time in range(3))
            for name, page in {**pages, "bare": bare}.items()
        }
        browser.close()
    for name in pages:
        tell(f"first_paint_{name}", taken[name], "ms", taken["bare"])


def _painted(browser, url: str, page: Request) -> float:
    context = browser.new_context(viewport={"width": 360, "height": 740}, locale="vi-VN")
    if page.session:
        context.add_cookies([{"name": "sessionid", "value": page.session, "url": url}])
    tab = context.new_page()
    network = context.new_cdp_session(tab)
    network.send("Network.enable")
    network.send("Network.emulateNetworkConditions", LINE)
    network.send("Emulation.setCPUThrottlingRate", {"rate": 6})
    tab.goto(url + page.path, wait_until="commit")
    seen = tab.evaluate(PAINTED)
    context.close()
    return seen
