import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.errors import WorkbenchError
from workbench.filenames import readable


@pytest.mark.parametrize("codec", ["gbk", "big5"])
@pytest.mark.parametrize("name", ["中文文章.txt", "台北市政府公告 2024.md", "上午第1版.早市.html"])
def test_names_in_chinese_encodings_are_readable(codec: str, name: str) -> None:
    assert readable(os.fsdecode(name.encode(codec))) == name


def test_other_bytes_are_shown_as_unknown() -> None:
    assert readable(os.fsdecode(b"\xff\xfea.txt")) == "\ufffd\ufffda.txt"
    assert readable(os.fsdecode("résumé.txt".encode("latin-1"))) == "r\ufffdsum\ufffd.txt"


def test_an_error_names_its_file_readably() -> None:
    path = os.fsdecode("新闻.txt".encode("gbk"))
    assert str(WorkbenchError("is empty", path=path)) == "新闻.txt: is empty"


@given(st.binary(max_size=40))
def test_any_name_becomes_text_that_can_be_written(name: bytes) -> None:
    shown = readable(os.fsdecode(name.replace(b"\0", b"")))
    shown.encode("utf-8")


@given(st.text(alphabet=st.characters(codec="utf-8")))
def test_what_is_readable_stays_as_it_is(text: str) -> None:
    assert readable(text) == text
