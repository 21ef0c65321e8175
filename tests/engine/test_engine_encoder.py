"""Embedding and reranking models, met through the client and their own process."""

import contextlib
import gc
import os
import random
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import psutil
import pytest
from encoder_support import EMBEDDING, KINDS, RANKING
from tiny_gguf import Tiny, write

from workbench.engine.encoder import LlamaEncoder
from workbench.engine.protocol import Loading
from workbench.engine.wire import EncoderInfo
from workbench.errors import EngineError

QUERY = "早市几点开门？"
TEXTS = [
    "青石桥的早市六点开门，卖菜的人把箩筐摆成两排。",
    "水務局的人沿著河堤走了一天，把每一處滲漏都記在本子上。",
    "abc",
    "天亮以后，人就多了起来。" * 30,
    "河堤",
]
Opener = Callable[..., LlamaEncoder]


class Alarms:
    """Stands in for the clock: an alarm rings when the test says so."""

    def __init__(self) -> None:
        self.waiting: dict[int, tuple[float, Callable[[], None]]] = {}
        self.made = 0

    def __call__(self, seconds: float, ring: Callable[[], None]) -> "Alarms.Alarm":
        self.made += 1
        return Alarms.Alarm(self, self.made, seconds, ring)

    def ring(self) -> float:
        """Let the one waiting alarm ring, and return the seconds it was set to."""
        [(seconds, ring)] = self.waiting.values()
        self.waiting.clear()
        ring()
        return seconds

    class Alarm:
        def __init__(
            self, alarms: "Alarms", number: int, seconds: float, ring: Callable[[], None]
        ) -> None:
            self._alarms, self._number, self._set = alarms, number, (seconds, ring)

        def start(self) -> None:
            self._alarms.waiting[self._number] = self._set

        def cancel(self) -> None:
            self._alarms.waiting.pop(self._number, None)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("encoders")
    return {kind: write(folder / f"{kind}.gguf", tiny) for kind, tiny in KINDS.items()}


@pytest.fixture(scope="module")
def shared(files: dict[str, Path]) -> Iterator[dict[str, LlamaEncoder]]:
    with contextlib.ExitStack() as stack:
        yield {
            kind: stack.enter_context(LlamaEncoder(str(path), threads=1))
            for kind, path in files.items()
        }


@pytest.fixture
def opened(files: dict[str, Path]) -> Iterator[Opener]:
    encoders: list[LlamaEncoder] = []

    def opener(kind: str = "mean", **options: object) -> LlamaEncoder:
        encoders.append(LlamaEncoder(str(files[kind]), threads=1, **options))  # type: ignore[arg-type]
        return encoders[-1]

    yield opener
    for encoder in encoders:
        encoder.close()
        assert encoder.process_id is None


def assert_gone(process: int | None) -> None:
    assert process is not None
    with contextlib.suppress(psutil.NoSuchProcess):
        psutil.Process(process).wait(timeout=90)
    assert not psutil.pid_exists(process)


@pytest.mark.parametrize("kind", EMBEDDING)
def test_many_texts_at_once_give_what_each_gives_alone(
    kind: str, shared: dict[str, LlamaEncoder]
) -> None:
    together = np.array(shared[kind].embed(TEXTS))
    alone = np.array([shared[kind].embed([text])[0] for text in TEXTS])
    assert together.shape == (len(TEXTS), shared[kind].info.dimensions)
    np.testing.assert_allclose(together, alone, atol=1e-4)
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1.0, atol=1e-6)
    for first, vector in enumerate(together):
        for other in together[:first]:
            assert np.abs(vector - other).max() > 0.01


@pytest.mark.parametrize("kind", ["mean", "last"])
def test_hundreds_of_texts_keep_their_order(kind: str, shared: dict[str, LlamaEncoder]) -> None:
    chance = random.Random(5)
    texts = [
        "".join(chance.choices("的了是中文字河堤早市", k=chance.randint(1, 40))) for _ in range(500)
    ]
    vectors = np.array(shared[kind].embed(texts))
    order = list(range(500))
    chance.shuffle(order)
    shuffled = np.array(shared[kind].embed([texts[number] for number in order]))
    assert vectors.shape == (500, 64)
    np.testing.assert_allclose(shuffled, vectors[order], atol=1e-4)


@pytest.mark.parametrize("kind", RANKING)
def test_scores_of_many_texts_are_those_of_each_alone(
    kind: str, shared: dict[str, LlamaEncoder]
) -> None:
    scores = shared[kind].rerank(QUERY, TEXTS)
    alone = [shared[kind].rerank(QUERY, [text])[0] for text in TEXTS]
    np.testing.assert_allclose(scores, alone, atol=1e-4)
    assert len(set(scores)) == len(TEXTS)
    assert shared[kind].rerank(TEXTS[1], TEXTS) != scores


def test_what_is_known_of_a_model_says_how_it_pools(shared: dict[str, LlamaEncoder]) -> None:
    mean, bare, rank = (shared[kind].info for kind in ("mean", "bare", "rank"))
    assert (mean.dimensions, mean.context, mean.ranks) == (64, 2048, False)
    assert (rank.dimensions, rank.ranks) == (0, True)
    assert mean.description.endswith(", mean of all tokens")
    assert "the file does not say" in bare.description
    assert mean.load_seconds > 0


def test_nothing_asked_is_nothing_started(opened: Opener) -> None:
    encoder = opened()
    assert encoder.embed([]) == encoder.rerank(QUERY, []) == []
    assert encoder.process_id is None


def test_an_empty_text_has_a_vector_where_the_model_adds_tokens(
    shared: dict[str, LlamaEncoder],
) -> None:
    assert np.linalg.norm(shared["mean"].embed([""])[0]) == pytest.approx(1.0)
    with pytest.raises(EngineError, match="text 2 is empty"):
        shared["last"].embed(["字", ""])
    assert len(shared["rank"].rerank("", ["", "字"])) == 2


def test_a_text_that_is_too_long_is_named_and_never_cut(shared: dict[str, LlamaEncoder]) -> None:
    encoder = shared["mean"]
    longest = "a" * 2046
    assert len(encoder.embed([longest, "短"])) == 2
    process = encoder.process_id
    with pytest.raises(EngineError, match="text 2 has 2049 tokens.*at most 2048") as error:
        encoder.embed(["短", longest + "a", longest + "aa"])
    assert error.value.path
    assert error.value.fix
    with pytest.raises(EngineError, match="text 1 has 2054 tokens"):
        shared["rank"].rerank("abcd", ["a" * 2046])
    assert len(encoder.embed(["短"])) == 1
    assert encoder.process_id == process is not None


def test_models_are_asked_only_for_what_they_do(shared: dict[str, LlamaEncoder]) -> None:
    with pytest.raises(EngineError, match="makes no vectors"):
        shared["rank"].embed(["字"])
    with pytest.raises(EngineError, match="cannot rank"):
        shared["mean"].rerank(QUERY, ["字"])


@pytest.mark.parametrize(
    ("tiny", "reason"),
    [
        (Tiny(), "neither makes vectors nor ranks"),
        (Tiny(architecture="mamba"), "neither makes vectors nor ranks"),
        (Tiny(architecture="bert", template=None, pooling=4, marks=True), "lacks the weights"),
        (Tiny(architecture="bert", template=None, pooling=9), "does not know"),
        (
            Tiny(
                architecture="qwen3", template=None, pooling=4, head=True, rerank_template="{query}"
            ),
            "no place for query and document",
        ),
    ],
)
def test_what_is_no_encoder_is_refused_in_one_line(tiny: Tiny, reason: str, tmp_path: Path) -> None:
    path = write(tmp_path / "模型.gguf", tiny)
    with LlamaEncoder(str(path), threads=1) as encoder:
        for _attempt in range(2):
            with pytest.raises(EngineError, match=reason) as error:
                _ = encoder.info
            assert error.value.path == str(path)
            assert error.value.fix
            assert encoder.process_id is None


@pytest.mark.parametrize("content", [None, b"", b"GGUF", b"no model at all"])
def test_a_file_that_is_no_model_is_refused(content: bytes | None, tmp_path: Path) -> None:
    path = tmp_path / "坏.gguf"
    if content is not None:
        path.write_bytes(content)
    with LlamaEncoder(str(path)) as encoder, pytest.raises(EngineError) as error:
        encoder.embed(["字"])
    assert error.value.path == str(path)
    assert error.value.fix


def test_loading_is_told_and_done_once(opened: Opener) -> None:
    events: list[Loading | EncoderInfo] = []
    encoder = opened(on_event=events.append)
    encoder.embed(["字"])
    assert events[-1] == encoder.info
    assert isinstance(events[0], Loading)
    assert isinstance(events[-2], Loading)
    assert events[-2].progress == 1.0
    told = len(events)
    encoder.embed(["文"])
    assert len(events) == told


def test_an_idle_process_ends_and_the_next_use_starts_another(opened: Opener) -> None:
    alarms = Alarms()
    encoder = opened(idle_seconds=7.5, alarm=alarms)
    vectors = encoder.embed(TEXTS)
    info = encoder.info
    first = encoder.process_id
    assert first is not None
    assert psutil.pid_exists(first)
    assert alarms.ring() == 7.5
    assert encoder.process_id is None
    assert_gone(first)
    assert encoder.info == info
    assert encoder.process_id is None
    assert encoder.embed(TEXTS) == vectors
    second = encoder.process_id
    assert second not in (None, first)
    alarms.ring()
    assert_gone(second)


def test_use_puts_the_end_off(opened: Opener) -> None:
    alarms = Alarms()
    encoder = opened(alarm=alarms)
    encoder.embed(["字"])
    [(_seconds, late)] = alarms.waiting.values()
    process = encoder.process_id
    encoder.embed(["文"])
    assert len(alarms.waiting) == 1
    # It rang while the second call was under way.
    late()
    assert encoder.process_id == process is not None
    alarms.ring()
    assert_gone(process)


def test_the_real_clock_ends_an_idle_process(opened: Opener) -> None:
    processes: list[int | None] = []
    encoder = opened(idle_seconds=0.0, on_event=lambda event: processes.append(encoder.process_id))
    encoder.embed(["字"])
    assert_gone(processes[0])


def test_a_process_killed_amid_a_call_is_started_again_once(opened: Opener) -> None:
    killed: list[int] = []

    def kill_the_first(event: Loading | EncoderInfo) -> None:
        process = encoder.process_id
        if not killed and isinstance(event, EncoderInfo):
            assert process is not None
            killed.append(process)
            os.kill(process, signal.SIGKILL)

    encoder = opened(on_event=kill_the_first)
    expected = opened().embed(TEXTS)
    np.testing.assert_allclose(encoder.embed(TEXTS), expected, atol=1e-4)
    assert_gone(killed[0])
    assert encoder.process_id not in (None, killed[0])


def test_a_process_that_always_dies_is_an_error(opened: Opener) -> None:
    killed: list[int] = []

    def kill(event: Loading | EncoderInfo) -> None:
        process = encoder.process_id
        if isinstance(event, EncoderInfo) and len(killed) < 2:
            assert process is not None
            killed.append(process)
            os.kill(process, signal.SIGKILL)

    encoder = opened(on_event=kill)
    with pytest.raises(EngineError, match=r"ended \(signal 9\)"):
        encoder.embed(TEXTS)
    assert len(set(killed)) == 2
    for process in killed:
        assert_gone(process)
    assert len(encoder.embed(TEXTS)) == len(TEXTS)


def test_death_between_calls_is_not_noticed(opened: Opener) -> None:
    encoder = opened()
    expected = encoder.embed(TEXTS)
    process = encoder.process_id
    assert process is not None
    os.kill(process, signal.SIGKILL)
    assert_gone(process)
    assert encoder.embed(TEXTS) == expected


def test_close_wakes_who_waits_and_is_final(opened: Opener) -> None:
    stopped = threading.Event()

    def stop(event: Loading | EncoderInfo) -> None:
        if isinstance(event, EncoderInfo):
            process = encoder.process_id
            assert process is not None
            os.kill(process, signal.SIGSTOP)
            stopped.set()

    encoder = opened(on_event=stop)
    errors: list[EngineError] = []

    def wait() -> None:
        try:
            encoder.embed(TEXTS)
        except EngineError as error:
            errors.append(error)

    thread = threading.Thread(target=wait)
    thread.start()
    assert stopped.wait(60)
    process = encoder.process_id
    encoder.close()
    thread.join(60)
    assert not thread.is_alive()
    assert_gone(process)
    for use in (lambda: encoder.embed(["字"]), lambda: encoder.rerank(QUERY, ["字"])):
        with pytest.raises(EngineError, match="closed") as error:
            use()
        errors.append(error.value)
    assert [error.what for error in errors] == ["the encoder is closed"] * 3


def test_several_threads_share_one_process(opened: Opener) -> None:
    encoder = opened()
    expected = opened("cls")
    assert encoder.info != expected.info
    results: dict[int, list[tuple[float, ...]]] = {}
    threads = [
        threading.Thread(target=lambda n=n: results.update({n: encoder.embed([TEXTS[n]])}))
        for n in range(len(TEXTS))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    np.testing.assert_allclose(
        [results[number][0] for number in range(len(TEXTS))], encoder.embed(TEXTS), atol=1e-4
    )


def test_a_listener_that_raises_leaves_a_usable_encoder(opened: Opener) -> None:
    refusals = [KeyboardInterrupt()]

    def refuse(event: Loading | EncoderInfo) -> None:
        if refusals:
            raise refusals.pop()

    encoder = opened(on_event=refuse)
    with pytest.raises(KeyboardInterrupt):
        encoder.embed(["字"])
    assert encoder.process_id is None
    assert len(encoder.embed(["字"])) == 1


def test_a_forgotten_encoder_leaves_no_process(files: dict[str, Path]) -> None:
    encoder = LlamaEncoder(str(files["mean"]), threads=1, alarm=Alarms())
    encoder.embed(["字"])
    process = encoder.process_id
    del encoder
    gc.collect()
    assert_gone(process)


def test_noise_on_the_pipe_ends_the_child() -> None:
    run = subprocess.run(
        [sys.executable, "-m", "workbench.engine.encoder_child"],
        input=b"noise\n",
        capture_output=True,
        timeout=60,
    )
    assert (run.returncode, run.stdout) == (0, b"")


def test_the_client_needs_nothing_heavy() -> None:
    code = """
import sys, workbench.engine.encoder
heavy = {"llama_cpp", "numpy", "jinja2", "psutil", "asyncio"} & sys.modules.keys()
sys.exit(repr(heavy) if heavy else 0)
"""
    subprocess.run([sys.executable, "-c", code], check=True)
