#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""usage: chart_test.py MKPXERD [DIRECTORY for screenshots]
Draws reports by `mkpxerd chart` and measures the pictures in Chromium, as wide as a screen and as a telephone: no two
texts overlap, none leaves the picture, and each bar of more than 5 % of the width carries its name."""

import base64
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request

sys.path.insert(0, os.path.dirname(__file__))
import chart_reports  # noqa: E402

WIDTHS = (1280, 375)
START_PATIENCE = 60  # seconds
# Of src/cli/chart/chart_svg.cpp.
LAYOUTS = (320, 640, 1200)  # pixels
LEAST_NAME, LONGEST_TIME = 12, 14  # columns
COLUMN_PIXELS = 7.4

# What is shown: texts with their places, and bars with their names and the texts of their rows.
MEASURE = """
const shown = e => e.getClientRects().length > 0 && getComputedStyle(e).display !== "none";
const box = e => { const b = e.getBBox(); return [b.x, b.y, b.x + b.width, b.y + b.height]; };
const texts = [...document.querySelectorAll("text")].filter(shown);
const measured = e => ({text: e.textContent, box: box(e)});
return {width: innerWidth, texts: texts.map(measured),
        scripts: document.querySelectorAll("script, image, foreignObject, a").length,
        bars: [...document.querySelectorAll("rect.bar")].map(bar => ({
            box: box(bar), name: bar.parentNode.getAttribute("data-name"),
            texts: [...bar.parentNode.querySelectorAll("text")].filter(shown).map(e => e.textContent)}))};
"""


def skip(reason):
    if os.environ.get("MKPXERD_REQUIRE_ALL") == "1":
        sys.exit(f"FAILED: {reason}")
    print(f"SKIPPED: {reason}")
    sys.exit(77)


class Browser:
    """Chromium by the WebDriver protocol (W3C WebDriver, and chromedriver's way to the DevTools)."""

    def __init__(self, directory):
        port = None
        self.driver = subprocess.Popen(["chromedriver", "--port=0"], stdout=subprocess.PIPE, text=True,
                                       start_new_session=True, env={**os.environ, "HOME": directory})
        for line in self.driver.stdout:
            if "started successfully on port" in line:
                port = line.rstrip(". \n").split()[-1]
                break
        if port is None:
            raise RuntimeError("chromedriver ended at once")
        self.base = f"http://127.0.0.1:{port}"
        options = {"args": ["--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                            f"--user-data-dir={directory}/profile"]}
        wanted = {"capabilities": {"alwaysMatch": {"goog:chromeOptions": options}}}
        self.base += "/session/" + self.call("/session", wanted)["sessionId"]

    def call(self, path, body):
        request = urllib.request.Request(self.base + path, json.dumps(body).encode(),
                                         {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=START_PATIENCE) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{path}: {error.read().decode()[:2000]}") from error

    def devtools(self, command, **parameters):
        return self.call("/goog/cdp/execute", {"cmd": command, "params": parameters})

    def show(self, path, width):
        self.devtools("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)
        self.call("/url", {"url": pathlib.Path(path).as_uri()})
        return self.call("/execute/sync", {"script": MEASURE, "args": []})

    def screenshot(self, path):
        picture = self.devtools("Page.captureScreenshot", captureBeyondViewport=True)
        pathlib.Path(path).write_bytes(base64.b64decode(picture["data"]))

    def close(self):
        try:
            request = urllib.request.Request(self.base, method="DELETE")
            urllib.request.urlopen(request, timeout=START_PATIENCE).close()
        except OSError:
            pass
        self.driver.terminate()
        self.driver.wait(START_PATIENCE)


def overlap(a, b):
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def columns(text):
    return sum(2 if ord(c) >= 0x300 else 1 for c in text)


def room_of(width):
    """Columns that a name has at least: half of the narrowest picture with this layout, without the longest duration."""
    narrowest = max(each for each in LAYOUTS if each <= width)
    return max(LEAST_NAME, int((narrowest * .49 - 6) / COLUMN_PIXELS) - LONGEST_TIME)


def carries(text, name, width):
    """The text begins with the name; of one that is longer than its room, with that much."""
    if text.startswith(name):
        return True
    begin, ellipsis, _ = text.partition("\u2026")
    # A wide character and the ellipsis may take the last columns.
    return ellipsis != "" and columns(name) > room_of(width) and columns(begin) >= room_of(width) - 2 and name.startswith(begin)


def faults_of(page, width):
    if page["width"] != width:
        yield f"the page is {page['width']} pixels wide"
    if page["scripts"]:
        yield "a text became markup"
    texts = sorted((t for t in page["texts"] if t["box"][0] < t["box"][2]), key=lambda t: t["box"][1])
    for i, a in enumerate(texts):
        if a["box"][0] < 0 or a["box"][2] > width:
            yield f"leaves the picture: {a}"
        for b in texts[i + 1:]:
            if b["box"][1] >= a["box"][3]:
                break
            if overlap(a["box"], b["box"]):
                yield f"overlap: {a} and {b}"
    for bar in page["bars"]:
        if bar["box"][2] - bar["box"][0] > width * .05 and not any(carries(t, bar["name"], width) for t in bar["texts"]):
            yield f"a bar without its name: {bar}"
    if not any(t["text"] == "0 s" or t["text"].startswith("0 ") for t in texts):
        yield "the axis has no begin"


def planted_faults_are_found():
    """The measurements would see what they look for."""
    text = {"text": "0 s", "box": [0, 0, 50, 12]}
    page = {"width": 375, "scripts": 0, "texts": [text], "bars": []}
    assert not list(faults_of(page, 375))
    assert list(faults_of({**page, "texts": [text, {"text": "b", "box": [49, 11, 60, 20]}]}, 375))
    assert list(faults_of({**page, "texts": [text, {"text": "b", "box": [370, 20, 376, 30]}]}, 375))
    bar = {"box": [0, 0, 20, 9], "name": "network", "texts": ["failed"]}
    assert list(faults_of({**page, "bars": [bar]}, 375))
    assert not list(faults_of({**page, "bars": [{**bar, "texts": ["network 3 s"]}]}, 375))
    assert list(faults_of({**page, "bars": [{**bar, "texts": ["netwo\u2026 3 s"]}]}, 375))
    long = {**bar, "name": "a_module_with_a_long_name", "texts": ["a_module_wi\u2026 3 s"]}
    assert not list(faults_of({**page, "bars": [long]}, 375))
    assert list(faults_of({**page, "bars": [{**long, "texts": ["a_mo\u2026 3 s"]}]}, 375))
    assert list(faults_of({**page, "width": 1280, "bars": [{**long, "box": [0, 0, 90, 9]}]}, 1280))


def main():
    program = os.path.abspath(sys.argv[1])
    for tool, package in (("chromium", "chromium"), ("chromedriver", "chromium-driver")):
        if not shutil.which(tool):
            skip(f"{tool} is missing (Debian package {package})")
    planted_faults_are_found()
    data = pathlib.Path(__file__).parent / "chart"
    reports = {name: chart_reports.text_of(name) for name in chart_reports.REPORTS}
    reports.update((path.stem, path.read_text()) for path in sorted(data.glob("*.json")))
    failed = 0
    with tempfile.TemporaryDirectory() as directory:
        shots = sys.argv[2] if len(sys.argv) > 2 else None
        browser = Browser(directory)
        try:
            for name, text in reports.items():
                picture = os.path.join(directory, name + ".svg")
                subprocess.run([program, "chart", "-", "-o", picture], input=text, text=True, check=True)
                for width in WIDTHS:
                    began = time.monotonic()
                    faults = list(faults_of(browser.show(picture, width), width))
                    for fault in faults[:10]:
                        print(f"FAILED: {name} at {width}: {fault}")
                    failed += len(faults)
                    print(f"{name} at {width}: {len(faults)} faults, {time.monotonic() - began:.1f} s")
                    if shots:
                        browser.screenshot(os.path.join(shots, f"{name}.{width}.png"))
        finally:
            browser.close()
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
