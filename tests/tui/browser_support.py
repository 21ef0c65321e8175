"""A headless Chromium, driven by the DevTools protocol: keys, clicks, text as an IME sends it."""

import asyncio
import json
import shutil
import subprocess
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import aiohttp
import psutil

PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--window-size=1400,900",
    "--remote-debugging-port=0",
)

LISTEN = """
window.heard = "";
const Plain = window.WebSocket;
window.WebSocket = function (...given) {
  const socket = new Plain(...given);
  const decoder = new TextDecoder();
  socket.addEventListener("message", (event) => {
    if (event.data instanceof ArrayBuffer) {
      window.heard += decoder.decode(event.data, { stream: true });
    }
  });
  return socket;
};
"""
"""Keeps what the app sent to its terminal: on the screen it is a picture."""


def chromium() -> str | None:
    return next((path for name in PROGRAMS if (path := shutil.which(name))), None)


class Page:
    """One page: ``call`` is a method of the DevTools protocol; requests it makes are noted."""

    def __init__(self, socket: aiohttp.ClientWebSocketResponse):
        self._socket = socket
        self._answers: dict[int, asyncio.Future[dict[str, Any]]] = {}
        self._number = 0
        self.requested: list[str] = []
        self._reader = asyncio.create_task(self._read())

    async def _read(self) -> None:
        async for message in self._socket:
            found = json.loads(message.data)
            if "id" in found:
                self._answers.pop(found["id"]).set_result(found)
            elif found.get("method") == "Network.requestWillBeSent":
                self.requested.append(found["params"]["request"]["url"])

    async def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        self._number += 1
        answer = asyncio.get_running_loop().create_future()
        self._answers[self._number] = answer
        await self._socket.send_json({"id": self._number, "method": method, "params": parameters})
        found = await asyncio.wait_for(answer, 90)
        assert "error" not in found, found
        return dict(found["result"])

    async def value(self, expression: str) -> Any:
        found = await self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        return found["result"].get("value")

    async def wait_for(self, expression: str) -> Any:
        for _turn in range(2400):
            if found := await self.value(expression):
                return found
            await asyncio.sleep(0.05)
        raise AssertionError(f"{expression} does not come true")

    async def insert(self, text: str) -> None:
        """Send text as an input method commits it."""
        await self.call("Input.insertText", text=text)

    async def press(self, key: str, code: str, number: int, text: str = "") -> None:
        for kind in ("keyDown", "keyUp"):
            given = {"text": text} if text and kind == "keyDown" else {}
            await self.call(
                "Input.dispatchKeyEvent",
                type=kind,
                key=key,
                code=code,
                windowsVirtualKeyCode=number,
                **given,
            )

    async def click(self, x: float, y: float) -> None:
        for kind in ("mousePressed", "mouseReleased"):
            await self.call(
                "Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1
            )


@asynccontextmanager
async def page_at(address: str) -> AsyncIterator[Page]:
    """Open an address in a browser of its own."""
    program = chromium()
    assert program is not None
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(
            [program, *QUIET, f"--user-data-dir={folder}", "about:blank"],
            stderr=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
        )
        try:
            port = await _port(Path(folder) / "DevToolsActivePort", process)
            async with aiohttp.ClientSession() as session:
                async with session.get(f"http://127.0.0.1:{port}/json/list") as answer:
                    pages = await answer.json()
                where = next(one for one in pages if one["type"] == "page")
                socket = await session.ws_connect(where["webSocketDebuggerUrl"], max_msg_size=0)
                page = Page(socket)
                await page.call("Network.enable")
                await page.call("Page.enable")
                await page.call("Page.addScriptToEvaluateOnNewDocument", source=LISTEN)
                await page.call("Page.navigate", url=address)
                yield page
                await socket.close()
        finally:
            # Its helpers write into the folder until they end too.
            helpers = psutil.Process(process.pid).children(recursive=True)
            process.kill()
            process.wait()
            for helper in helpers:
                with suppress(psutil.NoSuchProcess):
                    helper.kill()
            psutil.wait_procs(helpers, timeout=90)


async def _port(file: Path, process: subprocess.Popen[bytes]) -> int:
    for _turn in range(2400):
        if file.exists() and (lines := file.read_text().split()):
            return int(lines[0])
        assert process.poll() is None, "the browser ended"
        await asyncio.sleep(0.05)
    raise AssertionError("the browser does not begin")
