"""A real browser before the real site: what every journey stands on.

``site`` serves the application from a database of its own; ``browser`` is one Chromium; ``visitor`` opens pages of a
given width and watches two things on each of them: that nothing is asked of any other host, and that the page itself
raises no error. ``accessible`` runs axe-core.
"""

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.core.servers.basehttp import ThreadedWSGIServer, WSGIRequestHandler
from django.core.wsgi import get_wsgi_application
from django.db import connections
from django.test import override_settings
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from tests.databases import Place
from tests.integration.desk_seed import PASSWORD

from chengxin.web import assets

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text()
DESKTOP, PHONE = (1280, 720), (390, 700)
CHROMIUM = os.environ.get("CHENGXIN_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
QUIET = [
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-sync",
    "--no-first-run",
    "--disable-dev-shm-usage",
]


@dataclass(frozen=True)
class Site:
    """A running site: ``url`` without a slash at the end, ``place`` its home and database."""

    url: str
    place: Place


class _Silent(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        """A test's output is no access log."""


@pytest.fixture(scope="module")
def site(sqlite_database: Place) -> Iterator[Site]:
    """The application on a free port. Fill ``sqlite_database`` in a fixture of your own before the first page."""
    with override_settings(ALLOWED_HOSTS=["127.0.0.1"], SHOW_COMPONENTS=True):
        assets.collect()
        server = ThreadedWSGIServer(("127.0.0.1", 0), _Silent)
        server.daemon_threads = True
        server.set_app(get_wsgi_application())
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Site(f"http://127.0.0.1:{server.server_port}", sqlite_database)
        server.shutdown()
        server.server_close()
        connections.close_all()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all journeys; a machine without one fails, it never skips."""
    assert CHROMIUM, "no chromium found: install it (apt-get install chromium) or set CHENGXIN_CHROMIUM"
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"  # Playwright's loop runs in this thread; seeding is synchronous
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield started
        started.close()


@dataclass
class Visitor:
    """Somebody with a browser window."""

    site: Site
    context: BrowserContext
    page: Page
    strangers: list[str]
    errors: list[str]

    def go(self, path: str) -> Page:
        """Open an address of the site."""
        self.page.goto(self.site.url + path)
        return self.page


@pytest.fixture
def visitor(site: Site, browser: Browser) -> Iterator[Callable[..., Visitor]]:
    """``visitor(width_and_height)`` opens a window; on closing it must have met no stranger and no page error."""
    opened: list[Visitor] = []

    def enter(size: tuple[int, int] = DESKTOP, **more: object) -> Visitor:
        # Inline scripts of the tests (axe) would be stopped by the site's policy; the policy has a test of its own.
        context = browser.new_context(viewport={"width": size[0], "height": size[1]}, locale="zh-CN", **more)
        context.set_default_timeout(15_000)
        page = context.new_page()
        one = Visitor(site, context, page, [], [])
        context.on("request", lambda asked: None if asked.url.startswith(site.url) else one.strangers.append(asked.url))
        page.on("pageerror", lambda error: one.errors.append(str(error)))
        page.on(
            "console",
            lambda said: one.errors.append(said.text) if "Content Security Policy" in said.text else None,
        )
        opened.append(one)
        return one

    yield enter
    for one in opened:
        one.context.close()
        assert one.strangers == [], "a page asked another host for something"
        assert one.errors == [], "a page raised an error"


@pytest.fixture
def accessible() -> Callable[[Page], None]:
    """Fails with a readable list when axe-core finds anything on the page as it stands."""

    def check(page: Page) -> None:
        # A click waits until the next page has begun, not until it has a root element.
        page.wait_for_load_state()
        page.evaluate(AXE)
        found = page.evaluate("async () => (await axe.run(document, {resultTypes: ['violations']})).violations")
        told = [f"{v['id']}: {v['help']}: {[n['html'][:160] for n in v['nodes'][:3]]}" for v in found]
        assert told == [], f"{page.url}\n" + "\n".join(told)

    return check


def sign_in(visitor: Visitor, name: str, door: str = "desk") -> Page:
    """The first page behind the door ``desk`` or ``my``, for whoever has the password of the samples."""
    page = visitor.go(f"/{door}/sign-in")
    page.get_by_label("用户名").fill(name)
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(f"**/{door}/")
    return page
