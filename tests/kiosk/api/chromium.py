"""A headless Chromium, driven by its DevTools protocol over a pipe, without a package or a port."""

import base64
import fcntl
import json
import os
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "headless_shell")

FLAGS = (
    "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--remote-debugging-pipe",
    "--no-first-run", "--disable-extensions", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--disable-default-apps", "--hide-scrollbars", "--force-color-profile=srgb", "--mute-audio",
    "--no-proxy-server",
)  # fmt: skip

PIPES = """
import os, sys
os.dup2(int(sys.argv[1]), 3), os.dup2(int(sys.argv[2]), 4)
os.execvp(sys.argv[3], sys.argv[3:])
"""
"""Chromium reads from descriptor 3 and writes to 4."""

WAIT = 30.0


def find_chromium() -> str | None:
    """Find the program; None where Chromium is not installed."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


class Chromium:
    """A browser with a profile of its own."""

    def __init__(self, program: str, profile: Path) -> None:
        (theirs, self.to), (self.back, yours) = high(os.pipe()), high(os.pipe())
        command = [sys.executable, "-c", PIPES, str(theirs), str(yours), program, *FLAGS, f"--user-data-dir={profile}"]
        self.process = subprocess.Popen(
            command, pass_fds=(theirs, yours), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, env={**os.environ, "HOME": str(profile)}, start_new_session=True,
        )  # fmt: skip
        os.close(theirs)
        os.close(yours)
        self.buffer = b""
        self.number = 0
        self.events: list[dict[str, Any]] = []

    def call(self, method: str, session: str = "", **parameters: Any) -> dict[str, Any]:
        """Call a method and return the browser's result."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": parameters}
        os.write(self.to, json.dumps(message | ({"sessionId": session} if session else {})).encode() + b"\0")
        until = time.monotonic() + WAIT
        while True:
            found = self.receive(until - time.monotonic())
            assert found is not None, f"Chromium does not answer {method}"
            if found.get("id") == self.number:
                assert "error" not in found, found
                return dict(found["result"])

    def receive(self, seconds: float) -> dict[str, Any] | None:
        """Receive the next message and keep events; None after *seconds*."""
        until = time.monotonic() + seconds
        while b"\0" not in self.buffer:
            if not select.select([self.back], [], [], max(0.0, until - time.monotonic()))[0]:
                return None
            part = os.read(self.back, 1 << 20)
            assert part, "Chromium has ended"
            self.buffer += part
        line, _, self.buffer = self.buffer.partition(b"\0")
        found: dict[str, Any] = json.loads(line)
        if "method" in found:
            self.events.append(found)
        return found

    def page(self, wide: int = 1440, high: int = 900, **options: Any) -> "Page":
        """Open a page of that size in a context of its own, without the cookies and storage of others."""
        context = self.call("Target.createBrowserContext")["browserContextId"]
        target = self.call("Target.createTarget", url="about:blank", browserContextId=context)["targetId"]
        session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        return Page(self, session, wide, high, **options)

    def close(self) -> None:
        """Close the browser."""
        os.close(self.to)
        os.close(self.back)
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(20)


class Page:
    """A page and its events."""

    def __init__(
        self, browser: Chromium, session: str, wide: int, high: int, scale: float = 1, phone: bool = False
    ) -> None:
        self.browser = browser
        self.session = session
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.call(f"{domain}.enable")
        self.call("Emulation.setDeviceMetricsOverride", width=wide, height=high, deviceScaleFactor=scale, mobile=phone)

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """Call a method on this page and return the result."""
        return self.browser.call(method, self.session, **parameters)

    def go(self, url: str) -> None:
        """Open *url* and wait until it is loaded."""
        self.call("Page.navigate", url=url)
        self.until("document.readyState === 'complete' && location.href !== 'about:blank'")

    def run(self, script: str) -> Any:
        """Evaluate *script*."""
        found = self.call("Runtime.evaluate", expression=script, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in found, found["exceptionDetails"]
        return found["result"].get("value")

    def until(self, script: str, seconds: float = WAIT) -> None:
        """Wait until *script* is true."""
        until = time.monotonic() + seconds
        while not self.run(f"Boolean({script})"):
            assert time.monotonic() < until, f"not within {seconds} s: {script}\n{self.text('body')}"
            time.sleep(0.05)

    def text(self, selector: str) -> str:
        """Return the visible text of an element."""
        found = f"document.querySelector({json.dumps(selector)})"
        return str(self.run(f"{found}.innerText ?? {found}.textContent"))

    def click(self, selector: str) -> None:
        """Click with the mouse into the middle of an element, even if another lies on top of it."""
        place = self.run(f"""(() => {{
            const found = document.querySelector({json.dumps(selector)});
            found.scrollIntoView({{block: "center"}});
            const box = found.getBoundingClientRect();
            return [box.x + box.width / 2, box.y + box.height / 2];
        }})()""")
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=place[0], y=place[1], button="left", clickCount=1)

    def type(self, text: str) -> None:
        """Type into the focused element."""
        self.call("Input.insertText", text=text)

    def press(self, key: str, code: int) -> None:
        """Press a key."""
        more = {"text": "\r"} if key == "Enter" else {}
        for kind in ("keyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=key, code=key, windowsVirtualKeyCode=code, **more)

    def picture(self, path: Path, *, whole: bool = False) -> None:
        """Save a screenshot as PNG."""
        found = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        path.write_bytes(base64.b64decode(found["data"]))

    def happened(self, *methods: str) -> list[dict[str, Any]]:
        """List the events of this page with these names."""
        mine = [one for one in self.browser.events if one.get("sessionId") == self.session]
        return [one["params"] for one in mine if one["method"] in methods]

    @property
    def asked(self) -> list[str]:
        """List the URLs that the page requested."""
        return [one["request"]["url"] for one in self.happened("Network.requestWillBeSent")]

    @property
    def complaints(self) -> list[str]:
        """List the console's errors, warnings and policy violations."""
        logged = [one["entry"]["text"] for one in self.happened("Log.entryAdded")]
        said = [str(one["args"]) for one in self.happened("Runtime.consoleAPICalled")]
        return logged + said + [str(one["exceptionDetails"]) for one in self.happened("Runtime.exceptionThrown")]


def high(pipe: tuple[int, int]) -> tuple[int, int]:
    """Duplicate a pipe to higher descriptors, because Chromium uses 3 and 4."""
    found = tuple(fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 20) for end in pipe)
    for end in pipe:
        os.close(end)
    return found[0], found[1]
