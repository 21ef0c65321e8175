from pathlib import Path

import pytest
from listening import listening

from workbench.articles.formats.html import visible_text
from workbench.articles.reader import read_article
from workbench.errors import ArticleError

PARAGRAPHS = [
    "市里昨天宣布，江边的步道将在秋天以前修完，第一段已经开放，居民傍晚常来散步。",
    "工程分三段进行。沿岸种了三千多棵树，还留出了自行车道，往后可以一直骑到旧码头。",
    "负责人说，明年春天两座小桥也会接上，到时候从北门走到南门只要四十分钟。",
]


def page(charset: str = "utf-8", extra: str = "") -> str:
    body = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)
    return (
        f'<!DOCTYPE html><html><head><meta charset="{charset}"><title>江边步道 - 本地网</title>'
        '<meta property="article:published_time" content="2024-05-06T08:00:00+08:00">'
        '<meta name="author" content="记者 某某"></head><body>'
        '<nav><a href="/">首页</a> <a href="/n">新闻</a> <a href="/s">体育</a></nav>'
        f"<article><h1>江边步道重新开放</h1>{body}</article>{extra}"
        "<footer><a href='/c'>联系我们</a></footer>"
        "<script>document.write('坏')</script></body></html>"
    )


@pytest.mark.parametrize("charset", ["utf-8", "gb2312", "gbk", "big5"])
@pytest.mark.parametrize("name", ["a.html", "a.htm", "a.txt", "a"])
def test_the_article_of_a_page_is_taken_out(tmp_path: Path, charset: str, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(page(charset).encode(charset, "ignore"))
    article = read_article(path)
    assert article.format == "html"
    if charset != "big5":
        assert article.text.split("\n")[-3:] == PARAGRAPHS
        assert article.title in {"江边步道重新开放", "江边步道 - 本地网"}
    assert article.date == "2024-05-06"
    assert "首页" not in article.text
    assert "坏" not in article.text
    assert article.left_out[0].characters > 0
    assert article.left_out[0].reason


def test_a_declared_charset_is_honoured(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    path.write_bytes(page("gb2312").encode("gbk"))
    encoding = read_article(path).encoding
    assert (encoding.name, encoding.method) == ("gb18030", "declared")


def test_xhtml_with_an_encoding_declaration_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.xhtml"
    text = '<?xml version="1.0" encoding="GBK"?>\n' + page("GBK")
    path.write_bytes(text.encode("gbk"))
    assert PARAGRAPHS[0] in read_article(path).text


def test_a_short_page_is_an_article_too(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    path.write_text(f"<html><body><p>{PARAGRAPHS[0]}</p></body></html>", encoding="utf-8")
    assert read_article(path).text == PARAGRAPHS[0]


def test_raw_takes_all_the_visible_text(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    path.write_text(page(), encoding="utf-8")
    article = read_article(path, raw=True)
    assert "联系我们" in article.text
    assert "首页" in article.text
    assert "坏" not in article.text
    assert article.left_out == ()


@pytest.mark.parametrize(
    "html",
    [
        "<html><body></body></html>",
        "<html><head><title>步道</title></head><body><script>var 步道 = 1</script></body></html>",
        "<html><body><!-- 步道 --></body></html>",
    ],
)
def test_a_page_without_an_article_is_refused(tmp_path: Path, html: str) -> None:
    path = tmp_path / "a.html"
    path.write_text(html, encoding="utf-8")
    with pytest.raises(ArticleError, match="holds no") as caught:
        read_article(path)
    assert caught.value.path == path
    assert caught.value.fix


def test_a_page_fetches_and_includes_nothing(tmp_path: Path) -> None:
    with listening() as (base, asked):
        secret = tmp_path / "secret.txt"
        secret.write_text("不可外泄", encoding="utf-8")
        html = page(extra=f'<img src="{base}/i.png"><iframe src="{base}/f"></iframe><p>&x;&y;</p>')
        html = html.replace(
            "<!DOCTYPE html>",
            f'<!DOCTYPE html SYSTEM "{base}/d.dtd" [<!ENTITY x SYSTEM "{secret.as_uri()}">'
            f'<!ENTITY y SYSTEM "{base}/e">]>',
        ).replace("<head>", f'<head><base href="{base}/"><link rel=stylesheet href="{base}/s.css">')
        path = tmp_path / "a.html"
        path.write_text(html, encoding="utf-8")
        assert "不可外泄" not in read_article(path).text + read_article(path, raw=True).text
    assert asked == []


def test_a_page_nested_without_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    path.write_text("<table><tr><td>" * 20_000 + PARAGRAPHS[0], encoding="utf-8")
    with pytest.raises(ArticleError, match="nested too deeply"):
        read_article(path)


def test_a_page_nested_as_deeply_as_it_may_be_keeps_its_text(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    text = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)
    path.write_text("<div>" * 1900 + text + "</div>" * 1950 + text, encoding="utf-8")
    assert read_article(path, raw=True).text.split("\n") == PARAGRAPHS * 2


def test_a_page_of_menus_alone_holds_no_article(tmp_path: Path) -> None:
    links = "".join(
        f"<li><a href='/{n}'>{n}频道</a></li>" for n in ("首页", "新闻", "体育", "财经")
    )
    path = tmp_path / "a.html"
    path.write_text(
        f"<html><body><ul>{links}</ul><p>版权所有 联系我们 关于本站</p></body></html>",
        encoding="utf-8",
    )
    with pytest.raises(ArticleError, match="no article"):
        read_article(path)
    assert "联系我们" in read_article(path, raw=True).text


@pytest.mark.parametrize("tag", ["abbr", "code", "label", "x-y"])
def test_what_stands_too_deep_in_a_page_is_not_lost_in_silence(tmp_path: Path, tag: str) -> None:
    path = tmp_path / "page.html"
    deep = "".join(f"<{tag}>{number}号楼前的树。" for number in range(3000))
    path.write_text(f"<html><body>{deep}</body></html>", encoding="utf-8")
    with pytest.raises(ArticleError, match="nested too deeply"):
        read_article(path, raw=True)
    with pytest.raises(ArticleError, match="nested too deeply"):
        read_article(path)


def test_code_in_code_without_end_is_refused_in_plain_words(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    path.write_text(f"<p>{PARAGRAPHS[0]}</p>" + "<code>一" * 1500, encoding="utf-8")
    with pytest.raises(ArticleError, match="nested too deeply"):
        read_article(path)


def test_a_tag_with_thousands_of_attributes_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    attributes = " ".join(f"a{number}={number}" for number in range(5000))
    path.write_text(f"<p {attributes}>{PARAGRAPHS[0]}</p>", encoding="utf-8")
    with pytest.raises(ArticleError, match="attributes"):
        read_article(path)
    drawn = " ".join(map(str, range(9000)))
    path.write_text(f'<p><svg><path d="{drawn}"/></svg>{PARAGRAPHS[0]}</p>', encoding="utf-8")
    assert PARAGRAPHS[0] in read_article(path).text


def test_only_what_a_reader_sees_of_a_page_is_visible() -> None:
    page = (
        "<html><head><title>题</title>尾</head><body>一<!--注-->二<script>s()<!--x--></script>三"
        "<svg><text>图</text></svg>四<noscript>五<b>六</b></noscript>七<!----><p>八</p>九</body></html>"
    )
    assert visible_text(page).split() == ["尾一二三四七", "八", "九"]
