"""A small county whose desks people work at in a browser: every service on servers of its own."""

import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, sync_playwright

from infra.stack import lifecycle
from infra.stack.workspace import workspace
from infra.terminal import Steps, console
from tests import servers
from tests.e2e.small_county import ADMIN, SERVICES, SmallCounty

CHROMIUM = shutil.which("chromium")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
DESK = ViewportSize(width=1280, height=900)
PHONE = ViewportSize(width=390, height=844)


class Desks:
    """A running county, a browser, and people who have signed in with it; what the browser complains of is kept."""

    def __init__(self, address: str, browser: Browser, pictures: Path) -> None:
        self.county = SmallCounty(address)
        self.complaints: list[str] = []
        self.address = address
        self._browser = browser
        self._pictures = pictures
        self._signed_in: dict[str, BrowserContext] = {}

    def page(self, person: str, path: str, *, size: ViewportSize = DESK, scripts: bool = True) -> Page:
        """A page of a person, signed in once; without `scripts` as a browser that runs none shows it."""
        known = f"{person} {scripts}"
        if known not in self._signed_in:
            self._signed_in[known] = self._browser.new_context(locale="zh-CN", java_script_enabled=scripts)
            page = self._signed_in[known].new_page()
            self.sign_in(page, person)
            page.close()
        page = self._signed_in[known].new_page()
        page.on("console", lambda message: self.complaints.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.set_viewport_size(size)
        answer = page.goto(self.address + path)
        assert answer is not None
        assert answer.status == 200
        return page

    def one_browser(self) -> Page:
        """A page in a browser that no other test uses."""
        return self._browser.new_context(locale="zh-CN", viewport=PHONE).new_page()

    def sign_in(self, page: Page, person: str) -> None:
        """Somebody signs in with a browser, in the place of who was."""
        page.context.clear_cookies()
        page.goto(self.address + "/registry/desk")
        listed = page.locator(f"button[value='{person}']")
        if listed.count():
            listed.click()
        else:
            page.fill("#person", person)
            page.press("#person", "Enter")
        page.wait_for_url("**/registry/desk**")

    def picture(self, page: Page, name: str) -> None:
        """Keep a picture; the page has no barrier and is no wider than its window."""
        page.screenshot(path=self._pictures / f"{name}.png", full_page=True)
        found = Axe().run(page).response["violations"]
        assert [f"{each['id']}: {each['nodes'][0]['html']}" for each in found] == [], name
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
        assert page.locator("h1").count() == 1, name


@contextmanager
def running_desks(tmp_path_factory: pytest.TempPathFactory) -> Generator[Desks]:
    """Every service and the gateway on servers of their own: days begin here as the tests need them."""
    home = tmp_path_factory.mktemp("desks")
    named = {"GUATU_HOME": str(home), "GUATU_BOOTSTRAP_ADMIN": ADMIN, "GUATU_LOG_FORMAT": "json"}
    with pytest.MonkeyPatch.context() as patch:
        for name in ("GUATU_KAFKA", "GUATU_DATABASE"):
            patch.delenv(name, raising=False)
        for name, value in named.items():
            patch.setenv(name, value)
        place = workspace("desks")
        with Steps(console) as steps:
            pieces = (*SERVICES, "gateway")
            stack = lifecycle.up(place, steps, port=servers.free_port(), only=pieces, clock="scenario")
            try:
                with sync_playwright() as browsers:
                    browser = browsers.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
                    desks = Desks(stack.address, browser, tmp_path_factory.mktemp("pictures"))
                    desks.county.set_the_stage()
                    yield desks
                    browser.close()
            finally:
                lifecycle.down(place, steps)
