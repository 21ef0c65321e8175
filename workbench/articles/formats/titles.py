"""Titles that programs put into a file's properties, told from those of people."""

import re

_NO_TITLE = re.compile(
    r"microsoft word\b.*|powerpoint.*|.*\.(?:docx?|pdf|wps|rtf|txt|indd|qxd|pages|html?)"
    r"|untitled.*|无标题.*|未命名.*|新建.*|title|标题|[\W\d_]+"
    r"|(?:word )?(?:document|文档|文件|幻灯片)[\s\d]*",
    re.IGNORECASE,
)


def is_title(value: str | None) -> bool:
    """Tell a title from nothing, a file's name, or what a program puts in its place."""
    return bool(value) and _NO_TITLE.fullmatch(str(value).strip()) is None
