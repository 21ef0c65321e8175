import hashlib
import os
import subprocess
import sys
from pathlib import Path

import pytest

from workbench.articles.formats import source
from workbench.articles.model import Script
from workbench.articles.reader import LARGEST, read_article
from workbench.errors import ArticleError

BODY = (
    "市里昨天宣布，江边的步道将在秋天以前修完，第一段已经开放，居民傍晚常来散步。\n"
    "工程分三段进行。沿岸种了三千多棵树，还留出了自行车道，往后可以一直骑到旧码头。\n"
)
ARTICLES = Path(__file__).parents[3] / "shared" / "articles"


def refused(path: Path, **options: str) -> str:
    with pytest.raises(ArticleError) as caught:
        read_article(path, **options)  # type: ignore[arg-type]
    line = str(caught.value)
    assert "\n" not in line
    assert str(path) in line
    assert caught.value.fix or "name the files in it" in line
    return line


def test_a_text_file_becomes_an_article(tmp_path: Path) -> None:
    path = tmp_path / "步道.txt"
    text = f"江边步道重新开放\n2024-05-06 15:00\n{BODY}暂无评论\n"
    path.write_text(text, encoding="utf-8-sig", newline="")
    article = read_article(path)
    assert article.text == text
    assert article.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert article.size == path.stat().st_size
    assert (article.format, article.encoding.name, article.script) == (
        "text",
        "utf-8",
        Script.SIMPLIFIED,
    )
    assert (article.title, article.date) == ("江边步道重新开放", "2024-05-06")
    assert [one.rule for one in article.removals] == ["page-date", "comments"]
    assert article.passage_text(article.passages[0]).startswith("江边步道")


def test_raw_keeps_everything(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text(f"{BODY}暂无评论\n", encoding="utf-8")
    article = read_article(path, raw=True)
    assert article.removals == ()
    assert article.text[: article.passages[-1].end].endswith("暂无评论")


def test_line_ends_of_every_system_are_kept_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(BODY.replace("\n", "\r\n").encode("gbk"))
    article = read_article(path)
    assert "\r\n" in article.text
    assert article.encoding.name == "gb18030"


def test_the_users_encoding_is_used(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(BODY.encode("gbk"))
    assert read_article(path, encoding="gbk").encoding.method == "given"
    assert "no encoding 'nope'" in refused(path, encoding="nope")


def test_markdown_stays_as_written_and_its_markup_is_named(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    text = f"---\ntitle: 步道\n---\n# 步道\n\n![图](a.png)\n\n{BODY}<!-- 稿 -->\n\n[1]: https://example.org\n"
    path.write_text(text, encoding="utf-8")
    article = read_article(path)
    assert (article.format, article.text, article.title) == ("markdown", text, "步道")
    assert [one.rule for one in article.removals] == [
        "front-matter",
        "image",
        "comment",
        "link-target",
    ]


def test_a_text_in_another_language_is_read_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("The riverside path opened again in May.", encoding="utf-8")
    assert read_article(path).script is Script.OTHER


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "is empty"),
        (b" \r\n\t\n", "is empty"),
        ("\u3000\n。。。——".encode(), "nothing to read"),
        (b"%PDF-1.7\n...", "broken PDF"),
        (b"PK\x03\x04aaaa", "broken archive"),
        (b"\x89PNG\r\n\x1a\n\0\0", "PNG"),
        (b"GGUF\x03\0\0\0", "GGUF"),
        (b"abc\0def\0\0\x01" * 30, "NUL"),
        (b"\x01\x02\x03\x04text", "control characters"),
        (bytes(range(128, 256)) * 9, "encoding cannot be told"),
    ],
)
def test_what_is_no_text_is_refused_by_name(tmp_path: Path, data: bytes, said: str) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(data)
    assert said in refused(path)


def test_missing_files_and_folders_are_explained(tmp_path: Path) -> None:
    assert "no such file" in refused(tmp_path / "missing.txt")
    assert "is a folder; name the files in it" in refused(tmp_path)
    (tmp_path / "a.txt").write_text(BODY, encoding="utf-8")
    assert "no such file" in refused(tmp_path / "a.txt" / "b.txt")
    assert "cannot be read" in refused(tmp_path / ("长" * 300))
    with pytest.raises(ArticleError, match="possible file name"):
        read_article(tmp_path / "a\0b")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    refused(tmp_path / "loop")


def test_a_file_without_permission_is_explained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.txt"
    path.write_text(BODY, encoding="utf-8")

    def deny(*_arguments: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(source.os, "open", deny)
    assert "permission is denied" in refused(path)


def test_a_file_that_disappears_is_explained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.txt"
    path.write_text(BODY, encoding="utf-8")
    checked = source._check

    def check_and_delete(where: Path, status: os.stat_result) -> None:
        checked(where, status)
        path.unlink(missing_ok=True)

    monkeypatch.setattr(source, "_check", check_and_delete)
    assert "disappeared" in refused(path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_a_pipe_or_device_is_refused_without_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    assert "device or a pipe" in refused(path)
    assert "device or a pipe" in refused(Path("/dev/null"))
    # And where it takes the file's place after the first look.
    checked, seen = source._check, []

    def overlook_once(where: Path, status: os.stat_result) -> None:
        if seen:
            checked(where, status)
        seen.append(status)

    monkeypatch.setattr(source, "_check", overlook_once)
    assert "device or a pipe" in refused(path)


def test_a_file_too_large_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    with path.open("wb") as stream:
        stream.truncate(50 * 1024**2)
    assert "50 MB" in refused(path)


def test_a_file_that_grows_while_it_is_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.txt"
    path.write_bytes(b"a" * (LARGEST + 1))
    monkeypatch.setattr(source, "_check", lambda *_: None)
    assert "too large" in refused(path)


@pytest.mark.parametrize("unit", ["啊", "「」", "()", "啊。", "[（“", "体。”", "1 ", "来源:", "\n"])
def test_hostile_text_is_read_to_its_end(tmp_path: Path, unit: str) -> None:
    # Quadratic work on this much would keep the run from ending within CI's time.
    text = "一句话。\n" + unit * (1_000_000 // len(unit))
    path = tmp_path / "a.txt"
    path.write_text(text, encoding="utf-8")
    assert read_article(path).text == text


def test_importing_the_reader_loads_nothing_heavy() -> None:
    code = (
        "import sys; from workbench.articles.reader import read_article;"
        "heavy = ('lxml', 'trafilatura', 'opencc', 'numpy', 'jinja2', 'rich');"
        "print([name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.skipif(not ARTICLES.exists(), reason="needs the articles beside the checkout")
def test_the_furniture_of_real_pages_goes_and_their_text_stays() -> None:
    articles = [read_article(path) for path in sorted(ARTICLES.glob("00*.txt"))[:4]]
    assert [len(article.removals) for article in articles] == [2, 7, 7, 2]
    for article in articles:
        removed = sum(one.end - one.start for one in article.removals)
        assert removed < 0.06 * len(article.text)
    assert all(article.byline for article in articles[1::2])
    assert articles[2].date == "2023-08-12"
