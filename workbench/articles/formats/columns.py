"""Which column of a table, or key of JSON, holds the articles' text."""

import re
from collections.abc import Mapping, Sequence

from workbench.errors import ArticleError
from workbench.i18n import _

TEXT_NAMES = (
    "text", "content", "body", "article", "正文", "内容", "內容", "原文", "全文", "文章", "文本",
    "文章内容", "文章內容", "新闻内容", "新聞內容", "正文内容", "articlebody", "articletext",
    "articlecontent", "fulltext", "maintext", "maincontent", "newscontent", "newsbody", "rawtext",
    "rawcontent", "contenttext", "bodytext", "textcontent", "plaintext", "news", "story",
    "document", "doc", "passage", "context", "paragraph", "paragraphs", "essay", "post",
    "html", "markdown",
    "abstract", "摘要", "desc", "description", "summary",
)  # fmt: skip
"""Names of a text's column without case, spaces and hyphens; the first that holds text is taken."""

FIELDS: Mapping[str, tuple[str, ...]] = {
    "title": (
        "title", "headline", "标题", "標題", "题目", "題目", "题名", "題名", "新闻标题", "新聞標題",
        "文章标题", "文章標題", "articletitle", "newstitle", "subject", "name", "名称", "名稱",
    ),
    "date": (
        "date", "publishdate", "pubdate", "published", "publishedat", "publishtime", "pubtime",
        "publishedtime", "datepublished", "publicationdate", "releasedate", "broadcastdate",
        "发布日期", "發布日期", "发布时间", "發布時間", "发表时间", "發表時間", "发表日期", "日期",
        "时间", "時間", "datetime", "time", "createdat", "createtime", "created", "timestamp",
    ),
    "byline": (
        "author", "authors", "byline", "writer", "reporter", "作者", "记者", "記者", "撰文", "署名",
        "creator",
    ),
    "source": (
        "source", "来源", "來源", "媒体", "媒體", "media", "publisher", "site", "sitename", "出处",
        "出處", "稿源", "publication", "newspaper", "url", "link", "链接", "連結", "網址", "网址",
    ),
}  # fmt: skip
"""Names of columns that say something of the article; earlier names go before later ones."""

LOOKED_AT = 2000
"""Characters of a value that are looked at."""
_PROSE = 60
"""Letters a column of articles has on average, where its name does not tell."""
_CLEARLY = 2.5
"""Times it is longer than the next column."""
_NOISE = re.compile(r"[\s_\-.·]+")
_HANZI = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")


def canonical(name: str) -> str:
    """Return a name without case, spaces, hyphens and underscores."""
    return _NOISE.sub("", name.rsplit(".", 1)[-1] if not name.endswith(".") else name).lower()


def choose(values: Mapping[str, Sequence[str]], wanted: str | None) -> str:
    """Return the column of the text, given each column's first values.

    ``wanted`` is the user's: a name as the file writes it, the last of its keys (``data.context``
    finds ``data.paragraphs.context``), or a number from 1. ArticleError lists the columns.
    """
    if wanted is not None:
        return _wanted(list(values), wanted)
    lengths = {name: _length(texts) for name, texts in values.items()}
    longest = max(lengths.values(), default=0.0)
    named = [
        name
        for known in TEXT_NAMES
        for name in values
        if canonical(name) == known and lengths[name] > 0 and lengths[name] * 3 >= longest
    ]
    if named:
        return named[0]
    ranked = sorted(values, key=lambda name: -lengths[name])
    if ranked and lengths[ranked[0]] >= _PROSE and _is_prose(values[ranked[0]]):
        following = lengths[ranked[1]] if len(ranked) > 1 else 0.0
        if lengths[ranked[0]] >= _CLEARLY * following:
            return ranked[0]
    raise ArticleError(
        _("holds several columns, and none is clearly the text: {columns}").format(
            columns=listed(values)
        ),
        fix=_("Name the column with --column."),
    )


def _wanted(names: Sequence[str], wanted: str) -> str:
    keys = wanted.split(".")
    for matches in (
        lambda name: name == wanted,
        lambda name: name.strip().lower() == wanted.strip().lower(),
        lambda name: _ends_in(name.split("."), keys),
    ):
        found = [name for name in names if matches(name)]
        if len(found) == 1:
            return found[0]
        if found:
            raise ArticleError(
                _("has several columns {name!r}: {columns}").format(
                    name=wanted, columns=", ".join(found[:40])
                ),
                fix=_("Name one of them in full with --column."),
            )
    if wanted.isdecimal() and 1 <= int(wanted[:9]) <= len(names):
        return names[int(wanted[:9]) - 1]
    raise ArticleError(
        _("has no column {name!r}; there are: {columns}").format(
            name=wanted, columns=listed(names)
        ),
        fix=_("Name one of them with --column."),
    )


def _ends_in(path: Sequence[str], keys: Sequence[str]) -> bool:
    """Tell whether keys stand in a path in this order, the last of them at its end."""
    if path[-1] != keys[-1]:
        return False
    rest = iter(path)
    return all(key in rest for key in keys)


def listed(names: Mapping[str, object] | Sequence[str]) -> str:
    """Return the names of columns for a message."""
    shown = [name[:60] for name in names][:40]
    more = len(names) - len(shown)
    line = ", ".join(shown)
    return _("{numbers} and {count} more").format(numbers=line, count=more) if more > 0 else line


def _length(texts: Sequence[str]) -> float:
    """Return the letters of an average value; a Hanzi counts as three, about what it says."""
    total = sum(
        2 * len(_HANZI.findall(text[:LOOKED_AT])) + sum(char.isalpha() for char in text[:LOOKED_AT])
        for text in texts
    )
    return total / max(len(texts), 1) / 3


def _is_prose(texts: Sequence[str]) -> bool:
    """Tell text from codes, addresses and lists of numbers."""
    joined = "".join(text[:500] for text in texts)
    return 2 * sum(char.isalpha() for char in joined) >= len(joined)
