from pathlib import Path

import pytest
from format_files import BODY, SENTENCES, read

from workbench.articles.formats.lines import is_dump

TEXT = BODY.replace("\n", "") * 2
HEADS = [
    "2024-05-{:02} 08:00，正文：",
    "[ 2023-07-{:02} 16：40 ] ，正文：",
    "08/{:02}  13:50，正文：",
]


@pytest.mark.parametrize("head", HEADS)
def test_a_dump_with_an_article_on_each_line_is_read_as_many(head: str) -> None:
    lines = [head.format(day) + TEXT for day in range(1, 20)]
    good, errors = read("news.txt", "\n".join(lines).encode())
    assert errors == []
    assert [one.text for one in good] == lines
    assert [one.part for one in good][:2] == ["line 1", "line 2"]
    good, _errors = read("news.txt", "\n".join(lines).encode(), lines=False)
    assert [one.format for one in good] == ["text"]


@pytest.mark.parametrize(
    "text",
    [
        "\n".join([TEXT] * 30),
        "\n".join(f"2024年5月{day}日，{TEXT}" for day in range(1, 30)),
        "\n".join(f"{hour}:00 {TEXT}" for hour in range(1, 24)),
        "2024-05-06 08:00\n" + "\n".join([TEXT] * 30),
    ],
    ids=["paragraphs", "chronicle", "hours", "article with its date"],
)
def test_an_article_is_not_divided_into_its_paragraphs(text: str) -> None:
    assert not is_dump(text)
    assert len(read("a.txt", text.encode())[0]) == 1


def test_lines_are_articles_where_the_user_says_so() -> None:
    data = "\r\n".join([SENTENCES[0], "", "——", SENTENCES[1]]).encode("gbk")
    good, errors = read("a.txt", data, lines=True)
    assert [(one.part, one.text) for one in good] == [
        ("line 1", SENTENCES[0]),
        ("line 4", SENTENCES[1]),
    ]
    assert "nothing to read: 3" in str(errors[0])


def test_a_dump_larger_than_any_article_is_read_line_by_line(tmp_path: Path) -> None:
    from workbench.articles.document import ReadOptions
    from workbench.articles.reader import documents

    path = tmp_path / "news.txt"
    line = f"2024-05-06 08:00，正文：{TEXT * 20}\n"
    path.write_text(line * 1500, encoding="utf-8")
    assert path.stat().st_size > 20 * 1024**2
    parts = [one.part for one in documents(path, ReadOptions())]
    assert parts == [f"line {n}" for n in range(1, 1501)]
