"""Jobs as files: written, read again, and told what is wrong with them, by line."""

import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workbench.batch.job import DEFAULT_FORMATS, ORDERS, Job
from workbench.batch.job_file import line_of, read_job, write_job
from workbench.errors import UsageError

FULL = Job(
    inputs=("articles", "library:economy", "/data/dump.jsonl"),
    output="out",
    models=("qwen3-4b-2507", "models/own.gguf", "openai:http://127.0.0.1:8080/v1#q"),
    templates=("news", "./own.md"),
    order="newest",
    only=("银行",),
    limit=30,
    notify='notify-send "done"',
    length="short",
    characters=400,
    variables={"audience": "编辑"},
    encoding="gb18030",
    lines=False,
    formats=("xlsx", "html"),
    split_by="month",
    title="三月",
    settings={"context": 4096, "temperature": 0.5, "lora": "/a.gguf=0.5"},
)


def located(job: Job, folder: Path) -> Job:
    """Return a job with the paths it has when it is read from a folder."""

    def move(one: str) -> str:
        return os.path.normpath(folder / one)

    return replace(
        job,
        inputs=(move("articles"), "library:economy", "/data/dump.jsonl"),
        output=move("out"),
        models=(job.models[0], move(job.models[1]), job.models[2]),
        templates=("news", move("own.md")),
    )


def test_a_job_is_read_as_it_was_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_job(FULL, tmp_path / "job.toml")
    assert read_job(Path("job.toml")) == located(FULL, Path())
    assert read_job(tmp_path / "job.toml") == located(FULL, tmp_path)


def test_a_file_keeps_its_comments_and_says_only_what_is_not_usual(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "job.toml"
    path.write_text(
        '# Every night.\ninputs = ["articles"] # ours\noutput = "out"\nlimit = 5\n'
        '[report]\nformats = ["docx"]  # for the desk\n',
        encoding="utf-8",
    )
    write_job(Job(inputs=("articles",), output="out", formats=("docx",), limit=7), path)
    assert path.read_text(encoding="utf-8") == (
        '# Every night.\ninputs = ["articles"] # ours\noutput = "out"\nlimit = 7\n'
        '[report]\nformats = ["docx"]  # for the desk\n'
    )
    write_job(Job(inputs=("articles",), output="out"), path)
    text = path.read_text(encoding="utf-8")
    assert "limit" not in text
    assert "formats" not in text
    assert read_job(path).formats == DEFAULT_FORMATS


def test_every_wrong_key_is_told_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "job.toml"
    path.write_text(
        "\n".join(
            (
                'inputs = "articles"',  # 1
                'out = "x"',  # 2
                'order = "upwards"',
                "",
                "[options]",
                'lenght = "short"',  # 6
                'characters = "400"',  # 7
                "[settings]",
                "context = 'large'",  # 9
                "contexts = 3",  # 10
                "[report]",
                'formats = ["pdf"]',  # 12
                "[colours]",  # 13
                "red = 1",
            )
        ),
        encoding="utf-8",
    )
    with pytest.raises(UsageError) as raised:
        read_job(path)
    said = str(raised.value)
    assert str(path) in said
    for line, what in (
        (1, "'inputs': must be a list of texts"),
        (2, "'out': there is no such key"),
        (3, "order cannot be 'upwards'"),
        (6, "'options.lenght'"),
        (7, "'options.characters': must be a whole number"),
        (9, "context must be of type int"),
        (10, "there is no setting 'contexts'"),
        (12, "format cannot be 'pdf'"),
        (13, "'colours'"),
    ):
        assert f"line {line}: {what}" in said


@pytest.mark.parametrize(
    "text", ["inputs = [", "= 3", "a = 1\na = 2", '"""', "[options]\n[options]\n"]
)
def test_what_is_no_toml_is_told_in_a_line(tmp_path: Path, text: str) -> None:
    path = tmp_path / "job.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError) as raised:
        read_job(path)
    assert "\n" not in str(raised.value)


def test_a_file_that_is_not_there_or_not_utf8_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        read_job(tmp_path / "none.toml")
    (tmp_path / "big5.toml").write_bytes("標題".encode("big5"))
    with pytest.raises(UsageError, match="cannot be read as TOML"):
        read_job(tmp_path / "big5.toml")


def test_standard_input_cannot_be_saved(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="standard input"):
        write_job(Job(inputs=("-",), output="out"), tmp_path / "job.toml")


def test_keys_are_found_however_toml_lets_them_be_written() -> None:
    text = 'a = """\nlimit = 1\n"""\noptions.verify = true\n[report]\nlimit = 2\n"title" = 3\n'
    assert line_of(text, "", "limit") == 0
    assert line_of(text, "options", "verify") == 4
    assert line_of(text, "report", "limit") == 6
    assert line_of(text, "report", "title") == 7
    assert line_of("report = {title = 1}\n", "report", "title") == 1


texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1, max_size=8)


@given(
    title=texts,
    questions=st.lists(texts, min_size=1, unique=True),
    order=st.sampled_from(ORDERS),
    limit=st.integers(0, 10**6),
    variables=st.dictionaries(texts, texts, max_size=3),
    temperature=st.floats(0, 5),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_any_texts_survive(
    tmp_path: Path,
    title: str,
    questions: list[str],
    order: str,
    limit: int,
    variables: dict[str, str],
    temperature: float,
) -> None:
    job = Job(
        inputs=("library:",),
        output=str(tmp_path / "out"),
        task="ask",
        questions=tuple(questions),
        title=title,
        order=order,
        limit=limit,
        variables=variables,
        settings={"temperature": temperature},
    )
    write_job(job, tmp_path / "job.toml")
    assert read_job(tmp_path / "job.toml") == job
