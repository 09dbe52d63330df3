"""Picture the pages of a running portal in Chromium, at three widths, light and dark, into var/screenshots/.

    tools/screenshots.py --url http://127.0.0.1:8000 --email ADDRESS --password WORD [PATH …]

Without paths those of tools/screenshots.toml are taken. URL, EMAIL and PASSWORD are read from the environment too.
Says each page that answered with an error, overflowed its width, or wrote to the browser's console, and then fails.
"""

import argparse
import os
import re
import shutil
import sys
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
WIDTHS = {1440: 900, 1024: 768, 390: 844}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")
ERROR_STATUS = 400
OVERFLOW = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def chromium_path() -> str:
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if found is None:
        raise SystemExit("Chromium is not installed: run 'apt-get install chromium' as root.")
    return found


def launch_flags() -> list[str]:
    flags = ["--disable-background-networking", "--disable-dev-shm-usage"]
    return [*flags, "--no-sandbox"] if os.geteuid() == 0 else flags  # root has no sandbox to offer


def file_name(path: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", path.lower()).strip("-") or "home"


def pages_to_picture(paths: Sequence[str]) -> dict[str, str]:
    """Give file name → path, from the command line or from the list."""
    if paths:
        return {file_name(path): path for path in paths}
    listed: dict[str, str] = tomllib.loads((ROOT / "tools" / "screenshots.toml").read_text())["pages"]
    return listed


def sign_in(context: BrowserContext, options: argparse.Namespace) -> None:
    """Fill in whatever sign-in form the portal shows to a stranger."""
    page = context.new_page()
    page.goto(options.url + options.sign_in)
    page.locator("input[type=email], input[name=username], input[name=email]").first.fill(options.email)
    page.locator("input[type=password]").first.fill(options.password)
    page.locator("form:has(input[type=password]) button[type=submit]").first.click()
    page.wait_for_load_state("networkidle")
    if page.locator("input[type=password]").count():
        raise SystemExit(f"{options.email} could not sign in at {options.url + options.sign_in}.")
    page.close()


def picture(page: Page, address: str, target: Path) -> Iterator[str]:
    """Save one picture; yield a sentence for each thing wrong with the page."""
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    answer = page.goto(address, wait_until="networkidle")
    page.screenshot(path=target, full_page=True)
    if answer is None or answer.status >= ERROR_STATUS:
        yield f"answered {answer.status if answer else 'nothing'}"
    overflow = page.evaluate(OVERFLOW)
    if overflow > 0:
        yield f"is {overflow} px wider than its window"
    yield from (f"the browser says: {text}" for text in said)


def picture_all(browser: Browser, pages: Mapping[str, str], options: argparse.Namespace) -> Iterator[str]:
    for scheme in SCHEMES:
        context = browser.new_context(color_scheme=scheme, reduced_motion="reduce")
        if options.email:
            sign_in(context, options)
        for name, path in pages.items():
            for width, height in WIDTHS.items():
                page = context.new_page()
                page.set_viewport_size({"width": width, "height": height})
                target = options.out / f"{name}-{width}-{scheme}.png"
                for sentence in picture(page, options.url + path, target):
                    yield f"{path} at {width} px, {scheme}: {sentence}"
                page.close()
        context.close()


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Picture the pages of a running portal.")
    parser.add_argument("paths", nargs="*", metavar="PATH")
    parser.add_argument("--url", default=os.environ.get("URL", "http://127.0.0.1:8000"))
    parser.add_argument("--email", default=os.environ.get("EMAIL", ""))
    parser.add_argument("--password", default=os.environ.get("PASSWORD", ""))
    parser.add_argument("--sign-in", default="/sign-in/", metavar="PATH")
    parser.add_argument("--out", type=Path, default=ROOT / "var" / "screenshots")
    options = parser.parse_args(arguments)
    options.url = options.url.rstrip("/")
    return options


def main(arguments: Sequence[str]) -> int:
    options = parse(arguments)
    pages = pages_to_picture(options.paths)
    options.out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path(), args=launch_flags())
        faults = list(picture_all(browser, pages, options))
        browser.close()
    print("\n".join([*faults, f"{len(pages) * len(WIDTHS) * len(SCHEMES)} pictures in {options.out}"]))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
