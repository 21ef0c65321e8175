import contextlib
import random
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from engine_support import ARTICLE, answer, ask
from tiny_gguf import SPECIAL, Tiny, write

from workbench.engine.client import LlamaEngine
from workbench.engine.protocol import LoadEvent, Loading, LoadOptions, ModelInfo
from workbench.errors import Cancelled, EngineError, WorkbenchError


@pytest.fixture(scope="module")
def sturdy(random_file: Path) -> Iterator[LlamaEngine]:
    """An engine that must survive every file it is given."""
    with LlamaEngine(LoadOptions(str(random_file), threads=1)) as engine:
        process = engine.process_id
        yield engine
        assert engine.process_id == process


def refusal(engine: LlamaEngine, path: Path, good: Path) -> EngineError:
    """Load a bad file; afterwards the engine must be as good as before."""
    process = engine.process_id
    with pytest.raises(EngineError) as refused:
        engine.load(LoadOptions(str(path), threads=1))
    assert engine.process_id == process
    engine.load(LoadOptions(str(good), threads=1))
    assert answer(engine, ask("问")).usage.generated_tokens > 0
    assert str(refused.value).startswith(f"{path}: ")
    assert refused.value.fix
    return refused.value


def test_a_missing_file_a_folder_and_an_unreadable_one(
    sturdy: LlamaEngine, random_file: Path, tmp_path: Path
) -> None:
    assert "no such file" in refusal(sturdy, tmp_path / "没有.gguf", random_file).what
    assert "folder" in refusal(sturdy, tmp_path, random_file).what


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "failed to read magic"),
        ("这不是模型。".encode() * 50, "invalid magic characters"),
        (b"GGUF" + b"\xff" * 2000, "only supports up to version 3"),
        (b"GGUF\x03\x00\x00\x00" + bytes(500), "unknown model architecture: ''"),
        (random.Random(5).randbytes(4096), "invalid magic characters"),
    ],
)
def test_files_that_are_no_models(
    sturdy: LlamaEngine, random_file: Path, tmp_path: Path, content: bytes, said: str
) -> None:
    path = tmp_path / "坏.gguf"
    path.write_bytes(content)
    error = refusal(sturdy, path, random_file)
    assert said in error.what
    assert "gguf_init" not in error.what


def test_an_unknown_architecture_is_named(
    sturdy: LlamaEngine, random_file: Path, tmp_path: Path
) -> None:
    path = write(tmp_path / "新.gguf", Tiny(architecture="tomorrow"))
    error = refusal(sturdy, path, random_file)
    assert "unknown model architecture: 'tomorrow'" in error.what


def test_a_model_that_only_embeds_is_refused(
    sturdy: LlamaEngine, random_file: Path, tmp_path: Path
) -> None:
    path = write(tmp_path / "嵌入.gguf", Tiny(architecture="bert"))
    assert "does not write text" in refusal(sturdy, path, random_file).what


@pytest.mark.parametrize("kept", [0.01, 0.1, 0.3, 0.5, 0.9, 0.999])
def test_truncated_files(
    sturdy: LlamaEngine, random_file: Path, tmp_path: Path, kept: float
) -> None:
    data = random_file.read_bytes()
    path = tmp_path / "半.gguf"
    path.write_bytes(data[: int(len(data) * kept)])
    assert "cannot load the model: " in refusal(sturdy, path, random_file).what


def test_damaged_files_give_a_model_or_one_clear_error(random_file: Path, tmp_path: Path) -> None:
    data = random_file.read_bytes()
    chance = random.Random(11)
    path = tmp_path / "伤.gguf"
    outcomes = set()
    with LlamaEngine(LoadOptions(str(random_file), context=512, threads=1)) as engine:
        for _round in range(30):
            damaged = bytearray(data)
            for _hit in range(chance.randint(1, 6)):
                damaged[chance.randrange(12_000)] = chance.randrange(256)
            path.write_bytes(damaged)
            try:
                engine.load(LoadOptions(str(path), context=512, threads=1))
                outcomes.add("loaded")
            except EngineError:
                outcomes.add("refused")
        engine.load(LoadOptions(str(random_file), threads=1))
        assert answer(engine, ask("问")).usage.generated_tokens > 0
    assert outcomes == {"loaded", "refused"}


def test_loading_is_told_and_ends_with_what_was_loaded(random_file: Path) -> None:
    events: list[LoadEvent] = []
    options = LoadOptions(str(random_file), context=1000, threads=1)
    with LlamaEngine(options, on_event=events.append) as engine:
        *progress, last = events
        assert last == engine.model
    steps = [event.progress for event in progress if isinstance(event, Loading)]
    assert len(steps) == len(progress) > 0
    assert steps == sorted(steps)
    assert steps[-1] == 1.0
    assert isinstance(last, ModelInfo)
    assert "qwen2" in last.description
    assert 1000 <= last.context < 1300
    assert (last.trained_context, last.has_template) == (4096, True)
    assert last.load_seconds > 0


@pytest.mark.parametrize("asked", [0, 4096, 100_000])
def test_the_context_is_never_larger_than_trained(random_file: Path, asked: int) -> None:
    with LlamaEngine(LoadOptions(str(random_file), context=asked, threads=1)) as engine:
        assert engine.model.context == 4096


def test_loading_can_be_stopped_by_its_listener(slow_file: Path) -> None:
    def stop(event: LoadEvent) -> None:
        raise Cancelled("够了")

    engine = LlamaEngine(LoadOptions(str(slow_file), threads=1), on_event=stop)
    with pytest.raises(Cancelled, match="够了"):
        engine.load()
    engine.close()
    assert engine.process_id is None


def test_loading_can_be_cancelled_and_done_again(slow_file: Path) -> None:
    told: list[LoadEvent] = []

    def stop_once(event: LoadEvent) -> None:
        told.append(event)
        if len(told) == 1:
            engine.cancel()

    engine = LlamaEngine(LoadOptions(str(slow_file), threads=1), on_event=stop_once)
    try:
        # So small a file may be loaded before the cancel arrives.
        with contextlib.suppress(Cancelled):
            engine.load()
        assert answer(engine, ask("问", max_tokens=2)).usage.generated_tokens
    finally:
        engine.close()


def test_another_model_takes_the_place_of_the_first(
    random_file: Path, recurrent_file: Path
) -> None:
    with LlamaEngine(LoadOptions(str(random_file), threads=1)) as engine:
        first, process = answer(engine, ask(ARTICLE)).text, engine.process_id
        assert "mamba" in engine.load(LoadOptions(str(recurrent_file), threads=1)).description
        other = answer(engine, ask(ARTICLE))
        assert other.usage.reused_tokens == 0
        engine.unload()
        assert engine.options.path == str(recurrent_file)
        assert "mamba" in engine.model.description
        engine.load(LoadOptions(str(random_file), threads=1))
        assert answer(engine, ask(ARTICLE)).text == first != other.text
        assert engine.process_id == process


def test_chatml_stands_in_for_a_missing_template_where_its_tokens_are_known(
    random_file: Path, folder: Path
) -> None:
    path = write(folder / "bare.gguf", Tiny(template=None))
    with (
        LlamaEngine(LoadOptions(str(path), threads=1)) as bare,
        LlamaEngine(LoadOptions(str(random_file), threads=1)) as whole,
    ):
        assert bare.model.has_template
        assert answer(bare, ask("问")).text == answer(whole, ask("问")).text


@pytest.mark.parametrize(
    ("tiny", "said"),
    [
        (Tiny(template=None, special=("</s>",), end="</s>"), "no chat template"),
        (Tiny(template="{% for %}"), "chat template cannot be used"),
    ],
)
def test_a_model_that_cannot_be_asked_still_counts(tmp_path: Path, tiny: Tiny, said: str) -> None:
    path = write(tmp_path / "无.gguf", tiny)
    with LlamaEngine(LoadOptions(str(path), threads=1)) as engine:
        assert not engine.model.has_template
        assert engine.count_tokens(["abc"]) == [3]
        for _again in range(2):
            with pytest.raises(EngineError, match=said) as refused:
                answer(engine, ask("问"))
            assert refused.value.path == str(path)
            assert refused.value.fix


@pytest.mark.skipif(sys.platform != "linux", reason="limits the memory of a running process")
def test_too_little_memory_for_the_context_is_one_clear_error(
    random_file: Path, folder: Path
) -> None:
    import resource

    path = write(folder / "vast.gguf", Tiny(context=8_000_000, special=SPECIAL))
    with LlamaEngine(LoadOptions(str(random_file), threads=1)) as engine:
        process = engine.process_id
        assert process is not None
        limit = psutil.Process(process).memory_info().vms + 500_000_000
        resource.prlimit(process, resource.RLIMIT_AS, (limit, limit))
        with pytest.raises(WorkbenchError, match="not enough memory for a context of 8000000"):
            engine.load(LoadOptions(str(path), context=0, threads=1))
        assert engine.process_id == process
        engine.load(LoadOptions(str(random_file), threads=1))
        assert answer(engine, ask("问")).usage.generated_tokens > 0
