"""Models in the app: what is wrong with the one in use, what is listed, pulls that are stopped."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from catalog.catalog_support import Hub, entry_for, serving, tiny_gguf

from workbench.catalog import registry
from workbench.catalog.registry import add, installed
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
from workbench.desk.models import listed_json, listed_models, place, trouble
from workbench.paths import models_folder
from workbench.settings import Settings

MEMORY = 3_000_000_000


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.delenv("WORKBENCH_MODELS", raising=False)


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    return tiny_gguf(tmp_path / "mine.gguf", weights=4096)


@pytest.fixture
def hub(tiny: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    """A hub that has the one model of the catalogue."""
    data = tiny.read_bytes()
    entry = entry_for(data)
    for module in ("registry", "entries", "fit"):
        monkeypatch.setattr(f"workbench.catalog.{module}.load_catalog", lambda: {"tiny": entry})
    monkeypatch.setattr("workbench.desk.models.load_catalog", lambda: {"tiny": entry})
    with serving(Hub(data)) as site:
        monkeypatch.setenv("HF_ENDPOINT", site.url)
        yield site


class Ears:
    """Keeps what is told, and waits for what is to come."""

    def __init__(self) -> None:
        self.told: list[DeedEvent] = []
        self._changed = threading.Condition()

    def __call__(self, event: DeedEvent) -> None:
        with self._changed:
            self.told.append(event)
            self._changed.notify_all()

    def wait(self, holds: Callable[[DeedEvent], bool]) -> Any:
        with self._changed:
            assert self._changed.wait_for(lambda: any(map(holds, self.told)), 30), self.told
            return next(event for event in reversed(self.told) if holds(event))

    def end_of(self, deed: Deed) -> DeedEnded:
        found = self.wait(lambda event: isinstance(event, DeedEnded) and event.deed == deed)
        assert isinstance(found, DeedEnded)
        return found


class NoQueue:
    paused = False
    settings = Settings()

    def pause(self, *, keep: bool) -> None: ...

    def resume(self) -> None: ...


@pytest.fixture
def ears() -> Ears:
    return Ears()


@pytest.fixture
def deeds(ears: Ears) -> Iterator[ModelDeeds]:
    found = ModelDeeds(NoQueue(), ears)
    yield found
    found.close()


def test_a_pull_that_is_stopped_keeps_what_came_and_goes_on_from_there(
    hub: Hub, deeds: ModelDeeds, ears: Ears
) -> None:
    hub.hold_after = len(hub.data) // 2
    deed = Deed(PULL, "tiny")
    assert deeds.do(deed)
    assert not deeds.do(deed)  # the same is under way
    ears.wait(lambda event: isinstance(event, DeedProgress) and event.done > 0)
    deeds.stop()
    hub.release.set()
    assert ears.end_of(deed).state == "stopped"
    (listed,) = listed_models(Settings(), MEMORY)
    assert listed.here is None
    assert 0 < listed.arrived < len(hub.data)
    assert place(listed, "").endswith("got")

    ears.told.clear()
    hub.hold_after = None
    assert deeds.do(deed)
    assert ears.end_of(deed).state == "done"
    assert hub.requests[-1] == f"bytes={listed.arrived}-"
    assert (models_folder() / "tiny.gguf").read_bytes() == hub.data


def test_what_a_hub_refuses_is_one_line_and_the_next_deed_is_done(
    hub: Hub, deeds: ModelDeeds, ears: Ears, tiny: Path
) -> None:
    hub.status = 503
    failed, added = Deed(PULL, "tiny"), Deed(ADD, str(tiny), "mine")
    deeds.do(failed)
    deeds.do(added)
    assert ears.end_of(failed).state == "failed"
    assert "503" in ears.end_of(failed).line
    assert ears.end_of(added).state == "done"
    assert [model.name for model in installed()] == ["mine"]


def test_a_second_file_of_one_name_is_added_under_another(
    deeds: ModelDeeds, ears: Ears, tiny: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other" / tiny.name
    other.parent.mkdir()
    tiny_gguf(other, seed=2)
    first, same, renamed = Deed(ADD, str(tiny)), Deed(ADD, str(other)), Deed(ADD, str(other), "b")
    for deed in (first, same, renamed):
        deeds.do(deed)
    assert ears.end_of(renamed).state == "done"
    assert ears.end_of(same).state == "failed"
    assert {model.name for model in installed()} == {"mine", "b"}


def test_a_file_that_changed_fails_its_check(deeds: ModelDeeds, ears: Ears, tiny: Path) -> None:
    add(tiny, name="mine")
    data = bytearray(tiny.read_bytes())
    data[-1] ^= 1
    tiny.write_bytes(data)
    deeds.do(Deed(VERIFY, "mine"))
    assert ears.end_of(Deed(VERIFY, "mine")).state == "failed"


def test_without_a_model_one_is_suggested_that_fits() -> None:
    found = trouble(Settings(), "", MEMORY)
    assert found.suggested in registry.load_catalog()
    assert found.suggested in found.line


def test_a_model_that_is_here_is_no_trouble(tiny: Path) -> None:
    add(tiny, name="mine")
    assert trouble(Settings(), "", MEMORY).line == ""
    assert trouble(Settings(model="mine"), "mine", MEMORY).line == ""
    assert trouble(Settings(model=str(tiny)), "mine", MEMORY).line == ""


def test_a_server_has_no_file_to_miss() -> None:
    assert trouble(Settings(model="openai:http://127.0.0.1:1#m"), "", MEMORY).line == ""


def test_a_file_deleted_while_its_model_is_loaded_is_told_and_so_later(tiny: Path) -> None:
    add(tiny, name="mine")
    tiny.unlink()
    settings = Settings(model="mine")
    loaded, later = trouble(settings, "mine", MEMORY), trouble(settings, "", MEMORY)
    assert loaded.line.startswith("the file of mine is gone")
    assert later.line.startswith("the file of mine is not here")


def test_a_damaged_file_is_listed_with_what_is_wrong(tiny: Path) -> None:
    add(tiny, name="mine")
    tiny.write_bytes(b"GGUF")
    listed = next(one for one in listed_models(Settings(), MEMORY) if one.name == "mine")
    assert place(listed, "mine") == "damaged"
    assert listed_json(listed)["error"] == listed.error
    assert not listed.fits


def test_what_fits_follows_the_context(tiny: Path) -> None:
    add(tiny, name="mine")
    small, large = (
        next(one for one in listed_models(replace(Settings(), context=size), MEMORY) if one.header)
        for size in (1024, 10_000_000)
    )
    assert small.fits
    assert not large.fits
    assert large.need > small.need
