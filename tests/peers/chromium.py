"""Chromium without a window, driven over a pipe by the DevTools protocol; scripts of pages are switched off."""

import json
import os
import select
import subprocess
import time
from pathlib import Path
from typing import Any, Self

LONGEST = 40.0
"""Seconds that anything may take on a loaded machine."""

ARGUMENTS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--mute-audio"),
    *("--disable-background-networking", "--disable-sync", "--disable-component-update", "--remote-debugging-pipe"),
)


class Chromium:
    """`with Chromium(folder) as browser:` a browser with one page and a profile of its own in ``folder``."""

    def __init__(self, folder: Path) -> None:
        commands, self._write = os.pipe()
        self._read, answers = os.pipe()
        command = ["chromium", *ARGUMENTS, f"--user-data-dir={folder}", "about:blank"]
        # The protocol's pipes are file descriptors 3 and 4.
        script = f'exec 3<&{commands} 4>&{answers}; exec "$@"'
        self._process = subprocess.Popen(
            ["bash", "-c", script, "bash", *command],
            pass_fds=(commands, answers),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(commands)
        os.close(answers)
        self._received = b""
        self._events: list[str] = []
        self._number = 0
        self._session = ""

    def __enter__(self) -> Self:
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self._call("Page.enable")
        self._call("Emulation.setScriptExecutionDisabled", value=True)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._read)
        os.close(self._write)

    def go(self, url: str) -> None:
        """Open an address, and wait until it is loaded."""
        self._events.clear()
        self._call("Page.navigate", url=url)
        self._loaded()

    @property
    def url(self) -> str:
        """Where the browser is."""
        history = self._call("Page.getNavigationHistory")
        return str(history["entries"][history["currentIndex"]]["url"])

    @property
    def content(self) -> str:
        """The page as HTML."""
        return str(self._call("DOM.getOuterHTML", nodeId=self._root())["outerHTML"])

    def write(self, selector: str, text: str) -> None:
        """Type into a field."""
        self._focus(selector)
        self._call("Input.insertText", text=text)

    def press_enter(self, selector: str) -> None:
        """On a field or a button, and wait for the page that comes of it."""
        self._focus(selector)
        self._events.clear()
        key = {"key": "Enter", "code": "Enter", "windowsVirtualKeyCode": 13, "text": "\r"}
        self._call("Input.dispatchKeyEvent", type="keyDown", **key)
        self._call("Input.dispatchKeyEvent", type="keyUp", **key)
        self._loaded()

    def tick(self, selector: str) -> None:
        """Press the space bar on a check box."""
        self._focus(selector)
        key = {"key": " ", "code": "Space", "windowsVirtualKeyCode": 32, "text": " "}
        self._call("Input.dispatchKeyEvent", type="keyDown", **key)
        self._call("Input.dispatchKeyEvent", type="keyUp", **key)

    def cookies(self) -> list[dict[str, Any]]:
        """What the browser keeps for the page it is on."""
        found: list[dict[str, Any]] = self._call("Network.getCookies")["cookies"]
        return found

    def _root(self) -> int:
        return int(self._call("DOM.getDocument")["root"]["nodeId"])

    def _focus(self, selector: str) -> None:
        found = self._call("DOM.querySelector", nodeId=self._root(), selector=selector)["nodeId"]
        assert found, f"nothing is {selector}"
        self._call("DOM.focus", nodeId=found)

    def _loaded(self) -> None:
        deadline = time.monotonic() + LONGEST
        while "Page.loadEventFired" not in self._events:
            self._message(deadline)

    def _call(self, method: str, **parameters: Any) -> dict[str, Any]:
        self._number += 1
        command = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            command["sessionId"] = self._session
        os.write(self._write, json.dumps(command).encode() + b"\0")
        deadline = time.monotonic() + LONGEST
        while True:
            message = self._message(deadline)
            if message.get("id") == self._number:
                assert "error" not in message, (method, message)
                result: dict[str, Any] = message["result"]
                return result

    def _message(self, deadline: float) -> dict[str, Any]:
        """The next message; the names of events are kept."""
        while b"\0" not in self._received:
            ready, _, _ = select.select([self._read], [], [], max(0.0, deadline - time.monotonic()))
            assert ready, "chromium does not answer"
            data = os.read(self._read, 1 << 16)
            assert data, "chromium has ended"
            self._received += data
        first, _, self._received = self._received.partition(b"\0")
        message: dict[str, Any] = json.loads(first)
        if "method" in message:
            self._events.append(message["method"])
        return message
