"""The Chinese interface is whole: no text missing, no value lost, no half-width punctuation."""

import importlib.util
import re
import string
from collections import Counter
from pathlib import Path
from types import ModuleType

import pytest

from workbench.errors import ArticleError, in_two_sentences
from workbench.i18n import _

ROOT = Path(__file__).parents[1]
MAINLAND, TAIWAN = "zh_CN", "zh_TW"
_HAN = r"[\u3400-\u9fff]"
_HALF_WIDTH = re.compile(rf"{_HAN}[,;:!?()]|[,;!?()]{_HAN}|{_HAN}\.(?!\w)")
# What is typed or set as it stands, in whatever language.
_VERBATIM = re.compile(
    r"workbench (?:models|prompts|summarize|read)(?: [a-z]+)?(?= |$|[”'])"
    r"|(?<![\w-])--?[a-z][a-z-]*|\bWORKBENCH_[A-Z]+|\bHF_ENDPOINT|docs/\S+\.md"
)


@pytest.fixture(scope="module")
def locales() -> ModuleType:
    specification = importlib.util.spec_from_file_location("locales", ROOT / ".ci" / "locales.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


@pytest.fixture(scope="module", params=(MAINLAND, TAIWAN))
def translations(request: pytest.FixtureRequest, locales: ModuleType) -> dict[str, str]:
    """Every text of the code with its translation; empty where there is none or it is unsure."""
    path = locales.LOCALES / request.param / "LC_MESSAGES" / "workbench.po"
    known = {
        message.id: message.string
        for message in locales.read(path, request.param)
        if message.id and not message.fuzzy
    }
    return {message.id: known.get(message.id, "") for message in locales.extracted() if message.id}


def fields(text: str) -> Counter[tuple[str, str | None, str | None]]:
    """Count the replacement fields of a text, with conversion and format."""
    return Counter(
        (name, conversion, form)
        for _literal, name, form, conversion in string.Formatter().parse(text)
        if name is not None
    )


def test_every_text_has_a_translation(translations: dict[str, str]) -> None:
    assert translations
    missing = [text for text, chinese in translations.items() if not chinese.strip()]
    assert not missing, "translate these in zh_CN, then run make locales"


def test_every_translation_shows_the_same_values_in_the_same_form(
    translations: dict[str, str],
) -> None:
    wrong = {
        text: chinese for text, chinese in translations.items() if fields(text) != fields(chinese)
    }
    assert not wrong


def test_what_is_typed_is_not_translated(translations: dict[str, str]) -> None:
    lost = {
        text: (chinese, gone)
        for text, chinese in translations.items()
        if (gone := [piece for piece in _VERBATIM.findall(text) if piece not in chinese])
    }
    assert not lost


def test_sentences_end_where_those_of_the_original_end(translations: dict[str, str]) -> None:
    wrong = {
        text: chinese
        for text, chinese in translations.items()
        if text.endswith(".") != chinese.endswith("。")
    }
    assert not wrong


def test_punctuation_beside_chinese_is_full_width(translations: dict[str, str]) -> None:
    wrong = {text: chinese for text, chinese in translations.items() if _HALF_WIDTH.search(chinese)}
    assert not wrong


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("en", "a.txt: there is no such file. Check the name and the folder."),
        (MAINLAND, "a.txt: 没有这个文件。请检查文件名和所在文件夹。"),
        (TAIWAN, "a.txt: 沒有這個檔案。請檢查檔名和所在資料夾。"),
    ],
)
def test_an_error_is_told_in_the_language_that_is_set(
    monkeypatch: pytest.MonkeyPatch, code: str, expected: str
) -> None:
    monkeypatch.setenv("WORKBENCH_LANGUAGE", code)
    error = ArticleError(
        _("there is no such file"), path="a.txt", fix=_("Check the name and the folder.")
    )
    assert str(error) == expected


@pytest.mark.parametrize("problem", ["已损坏", "已损坏。", "已损坏."])
def test_a_problem_is_joined_to_its_fix_by_one_full_stop(
    monkeypatch: pytest.MonkeyPatch, problem: str
) -> None:
    monkeypatch.setenv("WORKBENCH_LANGUAGE", MAINLAND)
    assert in_two_sentences(problem, "请重试。") == "已损坏。请重试。"
