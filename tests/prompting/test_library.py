from pathlib import Path

import pytest

from workbench.errors import TemplateError
from workbench.paths import shipped_prompts_folder
from workbench.prompting.library import find_template, list_templates, new_template, read_template
from workbench.prompting.render import check, render
from workbench.prompting.template import variables_of

SHIPPED = sorted(path.stem for path in shipped_prompts_folder().glob("*.md"))


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path))
    folder = tmp_path / "config" / "prompts"
    folder.mkdir(parents=True)
    return folder


def write(folder: Path, stem: str, name: str, body: str = "概括。") -> Path:
    path = folder / f"{stem}.md"
    path.write_text(f"---\nname: {name}\ntitle: T\ndescription: D\n---\n{body}\n", encoding="utf-8")
    return path


@pytest.mark.parametrize("name", SHIPPED)
@pytest.mark.parametrize("length", ["short", "medium", "long"])
def test_every_shipped_template_renders_in_every_length(name: str, length: str) -> None:
    template = read_template(shipped_prompts_folder() / f"{name}.md")
    assert template.name == name
    assert template.title_zh
    assert template.description_zh
    check(template)
    size = template.size(length)
    values = {
        "first": 2,
        "last": 7,
        "opening": "开头",
        "evidence": "早市搬进了新棚。",
        "lines": size.points,
        "title": "",
        "date": "",
        "question": "早市搬到了哪里？",
        "factoid": True,
        "characters": size.characters,
        "length": length,
    }
    given = {name: values[name] for name in variables_of(template.task)}
    text = render(template, given, {})
    assert template.task == "ask" or str(size.characters) in text
    assert "{{" not in text
    assert "{%" not in text


def test_there_are_shipped_templates(own: Path) -> None:
    assert len(SHIPPED) >= 8
    assert [item.template.name for item in list_templates() if item.template] == SHIPPED


def test_an_own_template_overrides_the_shipped_one_by_name(own: Path) -> None:
    path = write(own, "mine", "news")
    listed = [item for item in list_templates() if item.template and item.template.name == "news"]
    assert [(item.path, item.own) for item in listed] == [(path, True)]
    assert find_template("news").body == "概括。"


def test_a_broken_own_template_is_listed_and_does_not_pass_for_the_shipped_one(own: Path) -> None:
    path = own / "news.md"
    path.write_text("---\nname: news\ncolour: red\n---\n概括。\n", encoding="utf-8")
    listed = [item for item in list_templates() if item.path.stem == "news"]
    assert [(item.own, item.error is None) for item in listed] == [(True, False), (False, True)]
    with pytest.raises(TemplateError, match="line 3: there is no key 'colour'") as caught:
        find_template("news")
    assert caught.value.path == path


def test_two_own_templates_cannot_have_one_name(own: Path) -> None:
    write(own, "a", "same")
    second = write(own, "b", "same")
    refused = [item for item in list_templates() if item.error]
    assert [item.path for item in refused] == [second]
    assert "a.md has the name 'same' already" in str(refused[0].error)
    assert find_template("same").path.stem == "a"


def test_a_name_that_is_not_there_is_met_with_one_that_is(own: Path) -> None:
    with pytest.raises(TemplateError, match="Did you mean 'timeline'"):
        find_template("timelime")
    with pytest.raises(TemplateError, match="There are: .*brief, "):
        find_template("xyz")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"---\nname: a\n\xff\xfe\n---\n", r"line 3: is not UTF-8 \(byte 12\)"),
        ("---\nname: 概括".encode("gb18030"), "line 2: is not UTF-8"),
        (b"x" * 300_000, "too large"),
        (b"", "line 1: there is no front matter"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_clear_line(
    tmp_path: Path, data: bytes, words: str
) -> None:
    path = tmp_path / "bad.md"
    path.write_bytes(data)
    with pytest.raises(TemplateError, match=words) as caught:
        read_template(path)
    assert caught.value.path == path


@pytest.mark.parametrize("name", ["missing.md", ".", "a\0b.md"])
def test_a_path_that_is_no_file_is_one_clear_line(tmp_path: Path, name: str) -> None:
    with pytest.raises(TemplateError):
        find_template(f"{tmp_path}/{name}")


def test_a_folder_named_like_a_template_does_not_stop_the_list(own: Path) -> None:
    (own / "folder.md").mkdir()
    assert [item.path.name for item in list_templates() if item.error] == ["folder.md"]


def test_the_hash_is_that_of_the_file(tmp_path: Path) -> None:
    import hashlib

    path = write(tmp_path, "a", "a")
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert read_template(path).sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("base", SHIPPED)
def test_a_new_template_is_a_copy_under_another_name(own: Path, base: str) -> None:
    path = new_template("mine", base=base)
    assert path == own / "mine.md"
    copy, original = find_template("mine"), find_template(base)
    assert (copy.body, copy.sizes, copy.output) == (original.body, original.sizes, original.output)
    check(copy)


def test_a_name_in_quotes_is_replaced_too(own: Path) -> None:
    write(own, "quoted", '"quoted"  # mine')
    assert find_template("quoted").name == "quoted"
    new_template("other", base="quoted")
    assert find_template("other").name == "other"


@pytest.mark.parametrize("name", ["", "../up", "A", "a b", "概括", "a/b", "a" * 65])
def test_a_new_template_needs_a_possible_name(own: Path, name: str) -> None:
    with pytest.raises(TemplateError, match="cannot be a name"):
        new_template(name)
    assert list(own.parent.parent.rglob("*.md")) == []


def test_a_new_template_never_replaces_a_file(own: Path) -> None:
    path = write(own, "mine", "mine")
    before = path.read_bytes()
    with pytest.raises(TemplateError, match="exists already"):
        new_template("mine")
    assert path.read_bytes() == before
