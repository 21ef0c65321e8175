"""What the tests of the library share: articles made of a few words, and processes to kill."""

import hashlib
import os
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

from workbench.articles.model import (
    Article,
    Encoding,
    Finding,
    LeftOut,
    Removal,
    Script,
    Wording,
)
from workbench.articles.passages import split

TEXT = (
    "南堤的水闸昨天换了新门\n"
    "南堤的水闸昨天换上了新的闸门，工程用了三个月，花费82万元。守闸的人说，往后涨水时一个人就能开关。\n"
    "换下来的旧门立在堤边，镇里打算留着，给来看水的孩子们讲讲从前的事。\n"
    "分享到微信\n"
)


def article_of(
    text: str = TEXT, path: Path | str = "水闸.txt", *, part: str | None = None, **known: Any
) -> Article:
    """Make an article as the reader would, with something of everything found in it."""
    data = text.encode("utf-8", "surrogatepass")
    start = text.find("分享到微信")
    removals = (Removal(start, start + 5, "share", "share bar"),) if start >= 0 else ()
    values: dict[str, Any] = {
        "path": Path(path),
        "sha256": hashlib.sha256(data).hexdigest(),
        "size": len(data),
        "format": "text",
        "encoding": Encoding("utf-8", "utf-8", 1.0, "gb18030", 0.25, 0),
        "script": Script.SIMPLIFIED,
        "text": text,
        "passages": split(text, removals) or split(text),
        "removals": removals,
        "left_out": (LeftOut(12, "menus"),),
        "title": text.split("\n", 1)[0],
        "date": "2024-05-06",
        "byline": "丁禾",
        "source": "南堤日报",
        "part": part,
        "wording": Wording.TAIWAN,
        "findings": (Finding("title", "text", "", 0, 11), Finding("date", "page")),
    }
    return Article(**{**values, **known})


def numbered(number: int) -> str:
    """Return a text of its own for each number, unlike the others."""
    step = number % 13 + 3
    codes = (0x4E00 + (number * 7919 + i * step * 101) % 8000 for i in range(60))
    words = "".join(map(chr, codes))
    return f"第{number}篇\n{words}。\n"


def child(script: str, home: Path, *arguments: object) -> subprocess.Popen[str]:
    """Start a Python process with a library home of its own."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("WORKBENCH_")}
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script), *map(str, arguments)],
        env={
            **kept,
            "WORKBENCH_HOME": str(home),
            "WORKBENCH_LANGUAGE": "en",
            "PYTHONPATH": str(Path(__file__).parent),
        },
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def next_line(process: subprocess.Popen[str]) -> str:
    """Wait for a line a child writes; fail with what it complained of where it ended instead."""
    assert process.stdout is not None
    assert process.stderr is not None
    line = process.stdout.readline()
    assert line, process.stderr.read()
    return line.strip()
