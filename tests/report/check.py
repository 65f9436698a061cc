#!/usr/bin/env python3
"""Looks at pages of runs as a browser does: nothing is loaded, nothing is refused, and everybody can read them.

    pip install --no-deps -r tests/report/requirements.txt    # and Chromium, such as Debian's
    python tests/report/check.py --shots /tmp/shots RUN/report.html ...

Of each page: no request, no error on the console, no violation of the policy; nothing wider than a telephone but what is scrolled by
itself; no serious finding of axe-core in light or dark; every link, table and picture is reached by keyboard; the same text without the
script; a PDF; the figures are those of the tables beside it. With --shots, pictures of all that are written for people to look at. With
--program, the page of a run that goes on is watched too, from its beginning to behind its end.
"""

import argparse
import pathlib
import shutil
import sys

import axe_playwright_python
from figures import check_figures
from live import check_live
from playwright.sync_api import sync_playwright

AXE = pathlib.Path(axe_playwright_python.__file__).parent / "axe.min.js"
DESKTOP, TELEPHONE = {"width": 1280, "height": 900}, {"width": 360, "height": 780}
SERIOUS = {"serious", "critical"}
FOCUSABLE = "a[href], summary, [tabindex='0']"


class Findings:
    """What is wrong with the pages."""

    def __init__(self):
        self.all = []

    def add(self, page, what):
        self.all.append(f"{page}: {what}")
        print(f"WRONG {page}: {what}", flush=True)


def listened(browser, path, findings, mode, own, **context):
    """Gives an empty page; what it says on its console, and what it asks for beside its own address, is a finding."""
    page = browser.new_context(**context).new_page()
    page.listens = lambda said: said.type in ("error", "warning") and findings.add(path, f"{mode}: console: {said.text}")
    page.on("console", page.listens)
    page.on("pageerror", lambda error: findings.add(path, f"{mode}: {error}"))
    page.on("request", lambda request: request.url != own and findings.add(path, f"{mode}: asks for {request.url}"))
    return page


def opened(browser, path, findings, mode, size, scheme="light", script=True):
    """Opens a page that is listened to."""
    own = path.resolve().as_uri()
    page = listened(browser, path, findings, mode, own, viewport=size, color_scheme=scheme, java_script_enabled=script)
    page.goto(own)
    return page


def check_axe(page, path, findings, mode):
    page.evaluate(AXE.read_text())
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    for violation in found["violations"]:
        if violation["impact"] in SERIOUS:
            nodes = [node["html"][:160] for node in violation["nodes"][:3]]
            findings.add(path, f"{mode}: axe {violation['id']} ({len(violation['nodes'])}): {violation['help']}: {nodes}")


def check_width(page, path, findings, mode):
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    if wide > 0:
        findings.add(path, f"{mode}: {wide} pixels wider than the window")


def check_keyboard(page, path, findings):
    expected = page.evaluate(f"[...document.querySelectorAll(\"{FOCUSABLE}\")].filter(one => one.checkVisibility()).length")
    reached = 0
    for _ in range(expected + 2):
        page.keyboard.press("Tab")
        reached += page.evaluate(
            "(() => { const one = document.activeElement; if (one === document.body || one.dataset.seen) return 0; one.dataset.seen = 1; return 1 })()"
        )
    if reached < expected:
        findings.add(path, f"by keyboard {reached} of {expected} are reached")


def check(browser, path, findings, shots):
    name = f"{path.parent.name}-{path.stem}"

    def shot(page, mode):
        if shots:
            page.screenshot(path=shots / f"{name}-{mode}.png", full_page=True)

    page = opened(browser, path, findings, "light", DESKTOP)
    shot(page, "light")
    check_width(page, path, findings, "light")
    text = page.evaluate("document.querySelector('main').textContent")
    check_keyboard(page, path, findings)
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    check_axe(page, path, findings, "light")
    if (path.parent / "run.json").exists():
        counts = check_figures(page, path, findings)
        print(f"  {sum(counts.values())} figures of {len(counts)} kinds are those of the tables", flush=True)
    page.pdf(path=shots / f"{name}-print.pdf") if shots else page.pdf()
    page.context.close()

    page = opened(browser, path, findings, "dark", DESKTOP, scheme="dark")
    shot(page, "dark")
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    check_axe(page, path, findings, "dark")
    page.context.close()

    page = opened(browser, path, findings, "telephone", TELEPHONE)
    shot(page, "telephone")
    check_width(page, path, findings, "telephone")
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true })")
    check_width(page, path, findings, "telephone, all open")
    page.context.close()

    page = opened(browser, path, findings, "without script", DESKTOP, script=False)
    if page.locator("main").text_content() != text:
        findings.add(path, "without the script it says something else")
    page.context.close()


def main():
    arguments = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    arguments.add_argument("pages", nargs="*", type=pathlib.Path)
    arguments.add_argument("--program", type=pathlib.Path, help="the program segmenter, of which a run is watched")
    arguments.add_argument("--shots", type=pathlib.Path, help="folder for pictures and PDFs")
    arguments = arguments.parse_args()
    if arguments.shots:
        arguments.shots.mkdir(parents=True, exist_ok=True)
    findings = Findings()
    with sync_playwright() as playwright:
        chromium = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for path in arguments.pages:
            print(f"{path}: {path.stat().st_size:,} bytes", flush=True)
            check(browser, path, findings, arguments.shots)
        if arguments.program:
            check_live(browser, arguments.program.resolve(), findings, arguments.shots, listened)
        browser.close()
    print(f"{len(findings.all)} findings")
    sys.exit(1 if findings.all else 0)


if __name__ == "__main__":
    main()
