"""The app in a real browser, and who is let in."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Self

import aiohttp
import pytest
from browser_support import chromium, page_at
from tiny_gguf import Tiny, write

from workbench.articles.reader import read_article
from workbench.store.library import Library

ARTICLE = (
    "青石镇的早市搬进了新棚\n\n2026年3月2日\n\n"
    "青石镇的早市3月1日搬进了河边的新棚，128个摊位全部有了顶。新棚由镇里出资460万元修建，用了七个月。\n\n"
    "棚里装了照明和排水沟，摊位费没有涨，仍是每天8元。\n"
)
RECITED = "青石镇早市3月1日搬进河边新棚，128个摊位全有了顶，新棚由镇里出资460万元修建，用了七个月"
pytestmark = pytest.mark.skipif(chromium() is None, reason="there is no Chromium")


class Served:
    """``workbench serve`` in a process of its own."""

    def __init__(self, home: Path, model: Path) -> None:
        own = {
            "WORKBENCH_HOME": str(home),
            "WORKBENCH_LANGUAGE": "en",
            "WORKBENCH_THREADS": "1",
            "WORKBENCH_MODEL": str(model),
        }
        kept = {k: v for k, v in os.environ.items() if not k.startswith("WORKBENCH_")}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "workbench", "serve"],
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**kept, **own},
        )
        assert self._process.stdout is not None
        self.address = self._process.stdout.readline().strip()
        self.root = self.address.partition("?")[0]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self._process.terminate()
        assert self._process.wait(90) == 0


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    home = tmp_path / "home"
    path = tmp_path / "早市.txt"
    path.write_text(ARTICLE, encoding="utf-8")
    with Library.open(home / "data" / "library.db") as library:
        library.add(read_article(path))
    pairs = [RECITED[start : start + 2] for start in range(0, len(RECITED), 2)]
    model = write(tmp_path / "tiny.gguf", Tiny(script=tuple(pair.encode() for pair in pairs)))
    with Served(home, model) as served:
        yield served


async def test_in_a_browser_one_types_clicks_and_a_summary_appears(served: Served) -> None:
    async with page_at(served.address) as page:
        await page.wait_for("heard.includes('早市搬进了新棚')")
        await page.click(120, 26)
        await page.press("Enter", "Enter", 13, "\r")
        await page.wait_for("heard.includes('照明和排水沟')")
        await page.press("s", "KeyS", 83, "s")
        await page.wait_for("heard.includes('青石镇早市') && heard.includes('tokens')")
        await page.click(120, 8)
        await page.insert("没有这样一篇写满了字的文章")
        await page.wait_for("heard.includes('没有这样一篇写满了字的文章')")
        assert await page.value("location.href") == served.root
        assert {re.sub(r"/(static/.*|\?token=.*)?$", "/", one) for one in page.requested} == {
            served.root
        }


async def test_who_does_not_bring_the_token_is_not_let_in(served: Served) -> None:
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        for path in ("", "ws", "static/js/textual.js", "?token=wrong", "download/x"):
            async with session.get(served.root + path) as answer:
                assert answer.status == 403, path
        async with session.get(served.address, allow_redirects=False) as answer:
            assert answer.status == 302
            cookie = answer.headers["Set-Cookie"].partition(";")[0]
            assert "HttpOnly" in answer.headers["Set-Cookie"]
        for name, value in (("Host", "elsewhere.example"), ("Origin", "http://elsewhere.example")):
            headers = {"Cookie": cookie, name: value}
            async with session.get(served.root, headers=headers) as answer:
                assert answer.status == 403
        async with session.get(served.root, headers={"Cookie": cookie}) as answer:
            assert answer.status == 200
            assert "http" not in (await answer.text()).replace(served.root, "")


def test_where_other_machines_could_reach_it_one_has_to_mean_it(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "workbench", "serve", "--host", "0.0.0.0"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "WORKBENCH_HOME": str(tmp_path), "WORKBENCH_LANGUAGE": "en"},
    )
    assert ended.returncode == 2
    assert "--allow-other-machines" in ended.stderr
