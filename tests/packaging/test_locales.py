import ast
import gettext
import importlib.util
import string
from io import BytesIO
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]
LOCALES = ROOT / "workbench" / "locales"
CATALOGUES = ("zh_CN", "zh_TW")


@pytest.fixture(scope="module")
def locales() -> ModuleType:
    specification = importlib.util.spec_from_file_location("locales", ROOT / ".ci" / "locales.py")
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(module)
    return module


def catalogue(code: str) -> Path:
    return LOCALES / code / "LC_MESSAGES" / "workbench.po"


def translated_calls(path: Path) -> list[ast.Call]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return [call for call in calls if isinstance(call.func, ast.Name) and call.func.id == "_"]


def fields(text: str) -> set[str]:
    """Name the replacement fields of a text, with their conversions."""
    return {
        f"{name}!{conversion}:{form}"
        for _literal, name, form, conversion in string.Formatter().parse(text)
        if name is not None
    }


def test_the_template_holds_the_texts_of_the_code(locales: ModuleType) -> None:
    known = {message.id for message in locales.read(LOCALES / "workbench.pot", "en") if message.id}
    now = {message.id for message in locales.extracted() if message.id}
    stale = sorted(known ^ now)
    assert not stale, "run make locales"


def test_marked_texts_are_found_wherever_they_stand(locales: ModuleType) -> None:
    source = """
TABLE = {"pdf": N_("a PDF")}
print(f"# {_('Evidence')}", _("one" " two"), _(TABLE["pdf"]))
"""
    assert locales.texts_of(source) == ["a PDF", "Evidence", "one two"]


def test_no_text_is_formatted_before_it_is_translated() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{call.lineno}"
        for path in (ROOT / "workbench").rglob("*.py")
        for call in translated_calls(path)
        if isinstance(call.args[0], ast.JoinedStr | ast.BinOp)
    ]
    assert not found, f"an f-string or a sum inside _() never matches a catalogue: {found}"


@pytest.mark.parametrize("code", CATALOGUES)
def test_compiled_catalogue_is_that_of_its_source(code: str, locales: ModuleType) -> None:
    path = catalogue(code)
    expected = locales.as_mo(locales.read(path, code), code)
    assert path.with_suffix(".mo").read_bytes() == expected, "run make locales"


@pytest.mark.parametrize("code", CATALOGUES)
def test_catalogue_holds_the_texts_of_the_template(code: str, locales: ModuleType) -> None:
    template = {message.id for message in locales.read(LOCALES / "workbench.pot", "en")}
    stale = template ^ {message.id for message in locales.read(catalogue(code), code)}
    assert not stale, "run make locales"


def test_taiwan_catalogue_is_derived_from_the_mainland_one(locales: ModuleType) -> None:
    expected = locales.as_po(locales.derived(locales.read(catalogue("zh_CN"), "zh_CN")), "zh_TW")
    assert catalogue("zh_TW").read_bytes() == expected, "run make locales; never edit zh_TW"


@pytest.mark.parametrize("code", CATALOGUES)
def test_translations_keep_the_replacement_fields(code: str, locales: ModuleType) -> None:
    wrong = [
        message.id
        for message in locales.read(catalogue(code), code)
        if message.id and message.string and fields(message.id) != fields(message.string)
    ]
    assert not wrong


def test_deriving_changes_the_words_and_not_the_fields(locales: ModuleType) -> None:
    source = locales.Catalog(locale="zh_CN")
    source.add("the network of {name!r}", "{name!r} 的网络和软件")
    source.add("unsure", "不确定", flags=["fuzzy"])
    texts = {message.id: message.string for message in locales.derived(source) if message.id}
    assert texts == {"the network of {name!r}": "{name!r} 的網路和軟體", "unsure": ""}


def test_a_compiled_translation_is_found_by_gettext(locales: ModuleType) -> None:
    source = locales.Catalog(locale="zh_CN")
    source.add("there is no such file", "没有这个文件")
    source.add("unsure", "不确定", flags=["fuzzy"])
    compiled = gettext.GNUTranslations(BytesIO(locales.as_mo(source, "zh_CN")))
    assert compiled.gettext("there is no such file") == "没有这个文件"
    assert compiled.gettext("unsure") == "unsure"


def test_every_correction_by_hand_of_traditional_texts_is_of_use(locales: ModuleType) -> None:
    hand = locales.read(catalogue("zh_CN"), "zh_CN")
    convert = locales.OpenCC("s2twp").convert
    texts = "\n".join(convert(message.string) for message in hand if message.id and message.string)
    shown = [message.string for message in locales.derived(hand) if message.id]
    for before, after in locales.corrections():
        assert before in texts
        assert any(after.strip() in text for text in shown)
