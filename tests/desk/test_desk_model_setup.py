"""Models on the desk: what settings cost, licences, pulls that wait, are closed or lack room."""

import random
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from catalog.catalog_support import Hub, entry_for, serving
from tiny_gguf import write
from tiny_lora import write_adapter

from workbench.catalog import hub as hub_module
from workbench.catalog.entries import load_catalog, user_catalog
from workbench.catalog.fit import memory_needed
from workbench.catalog.gguf import read_header
from workbench.catalog.registry import installed
from workbench.desk.model_deeds import (
    ADD,
    PULL,
    VERIFY,
    Deed,
    DeedEnded,
    DeedEvent,
    DeedProgress,
    ModelDeeds,
)
from workbench.desk.model_setup import Machine, reckon, room_for
from workbench.desk.models import about, licence, listed_models
from workbench.engine.protocol import ModelInfo
from workbench.paths import models_folder
from workbench.settings import Settings, stored_settings

DATA = random.Random(5).randbytes(300_000)
SETTINGS = Settings(context=2048)
MACHINE = Machine(1_000_000_000, 4)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(hub_module, "_PAUSE_SECONDS", 0)
    stored_settings.cache_clear()
    yield
    stored_settings.cache_clear()


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    entry = entry_for(DATA)
    user_catalog().parent.mkdir(parents=True, exist_ok=True)
    user_catalog().write_text(
        f'[models."tiny"]\nname = "Tiny"\nrepo = "{entry.repo}"\nfile = "{entry.file}"\n'
        f'revision = "{entry.revision}"\nbytes = {entry.bytes}\nsha256 = "{entry.sha256}"\n'
        'licence = "Apache-2.0"\ncontext = 4096\nrole = "chat"\n',
        encoding="utf-8",
    )
    with serving(Hub(DATA)) as site:
        monkeypatch.setenv("HF_ENDPOINT", site.url)
        yield site


class Held:
    """What would hold work back."""

    paused = False
    settings = SETTINGS

    def pause(self, *, keep: bool) -> None:
        assert not keep  # a program that ends meanwhile begins to work again
        self.paused = True

    def resume(self) -> None:
        self.paused = False


class Told:
    """Keeps what is told, and lets one wait for it."""

    def __init__(self) -> None:
        self.events: list[DeedEvent] = []
        self._came = threading.Condition()

    def __call__(self, event: DeedEvent) -> None:
        with self._came:
            self.events.append(event)
            self._came.notify_all()

    def wait_for(self, holds: Callable[[], object]) -> None:
        with self._came:
            assert self._came.wait_for(lambda: bool(holds()), timeout=90), self.events

    @property
    def ended(self) -> list[DeedEnded]:
        return [one for one in self.events if isinstance(one, DeedEnded)]


def test_the_same_pull_is_not_begun_twice_and_others_wait(hub: Hub, tmp_path: Path) -> None:
    hub.hold_after = 100_000
    told = Told()
    deeds = ModelDeeds(Held(), told)
    path = write(tmp_path / "own.gguf")
    assert deeds.do(Deed(PULL, "tiny"))
    assert not deeds.do(Deed(PULL, "tiny"))
    assert deeds.do(Deed(ADD, str(path)))
    told.wait_for(lambda: any(isinstance(one, DeedProgress) for one in told.events))
    assert [one.kind for one in deeds.waiting] == [ADD]
    hub.release.set()
    told.wait_for(lambda: len(told.ended) == 2)
    assert [one.state for one in told.ended] == ["done", "done"]
    assert {one.name for one in installed()} >= {"tiny", "own"}


def test_a_full_disk_is_told_in_a_line_and_leaves_nothing_half(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = shutil.disk_usage("/")._replace(free=1000)
    monkeypatch.setattr("workbench.catalog.space.shutil.disk_usage", lambda _path: usage)
    told = Told()
    deeds = ModelDeeds(Held(), told)
    deeds.do(Deed(PULL, "tiny"))
    told.wait_for(lambda: told.ended)
    assert told.ended[0].state == "failed"
    assert "the disk is full" in told.ended[0].line
    assert not (models_folder() / "tiny.gguf").exists()


def test_closing_ends_a_pull(hub: Hub) -> None:
    hub.hold_after = 100_000
    told = Told()
    deeds = ModelDeeds(Held(), told)
    deeds.do(Deed(PULL, "tiny"))
    told.wait_for(lambda: any(isinstance(one, DeedProgress) for one in told.events))
    hub.release.set()
    deeds.close()
    assert told.ended[-1].state in ("stopped", "done")
    assert not deeds.do(Deed(VERIFY, "tiny"))


def test_a_licence_that_forbids_commercial_use_is_marked() -> None:
    forbidding = [one for one in listed_models(SETTINGS, 10**9) if not one.known.commercial]  # type: ignore[union-attr]
    assert forbidding
    for one in forbidding:
        assert "(!)" in licence(one)
        assert any("forbids" in line for line in about(one))


def test_every_model_of_the_catalogue_is_listed_once() -> None:
    names = [one.name for one in listed_models(SETTINGS, 10**9, headers=True)]
    assert names == list(load_catalog())


def texts(**changed: str) -> dict[str, str]:
    return {"context": "2048", "kv_type": "f16", "lora": "", "threads": "0", **changed}


def test_what_a_form_needs_is_what_loading_will_need(tmp_path: Path) -> None:
    header = read_header(write(tmp_path / "tiny.gguf"))
    for context, kv_type in (("2048", "f16"), ("8192", "q8_0"), ("0", "q4_0")):
        found = reckon(texts(context=context, kv_type=kv_type), SETTINGS, MACHINE, header)
        need = memory_needed(header, int(context), kv_type)
        assert found.fits is (need <= MACHINE.memory)
        assert f"{need / 1e6:.0f} MB" in found.total


def test_the_context_that_is_said_to_fit_does_and_more_does_not(tmp_path: Path) -> None:
    header = read_header(write(tmp_path / "tiny.gguf"))
    small = Machine(memory_needed(header, 2500), 4)
    found = reckon(texts(), SETTINGS, small, header)
    assert "up to 2000 tokens fit" in found.costs["context"]
    assert reckon(texts(context="2000"), SETTINGS, small, header).fits
    assert reckon(texts(context="3000"), SETTINGS, small, header).fits is False


def test_one_wrong_field_does_not_hide_the_others(tmp_path: Path) -> None:
    header = read_header(write(tmp_path / "tiny.gguf"))
    found = reckon(texts(context="-1", threads="many", kv_type="q8_0"), SETTINGS, MACHINE, header)
    assert set(found.wrong) == {"context", "threads"}
    assert found.values["kv_type"] == "q8_0"
    assert found.total


def test_an_adapter_has_to_be_one_for_this_model(tmp_path: Path) -> None:
    path = write(tmp_path / "tiny.gguf")
    header = read_header(path)
    adapter = tmp_path / "adapter.gguf"
    write_adapter(adapter)
    fine = reckon(texts(lora=f"{adapter}=0.5"), SETTINGS, MACHINE, header)
    assert "lora" not in fine.wrong
    for wrong in (f"{path}=1", "/nowhere.gguf", f"{adapter}=inf"):
        assert "lora" in reckon(texts(lora=wrong), SETTINGS, MACHINE, header).wrong, wrong


def test_a_loaded_model_gives_back_what_it_took() -> None:
    info = ModelInfo("x", 2048, 2048, 1, True, False, 0.1, kv_bytes=100, compute_bytes=20)
    assert room_for(MACHINE, info).memory == MACHINE.memory + 120
    assert room_for(MACHINE, None) is MACHINE
