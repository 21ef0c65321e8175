import os
import tomllib

import pytest
from catalog_support import entry_for, tiny_gguf
from hypothesis import given
from hypothesis import strategies as st

from workbench.catalog import registry
from workbench.catalog.hashes import file_sha256, known_sha256
from workbench.catalog.records import (
    Pulled,
    Records,
    Registered,
    _to_toml,
    changing_records,
    load_records,
    records_file,
)
from workbench.catalog.registry import add, installed, remove, resolve, verify
from workbench.errors import ModelError
from workbench.paths import models_folder


@pytest.fixture
def catalogued(tiny, monkeypatch):
    """A model of the catalogue that is in its place, as if pulled."""
    entry = entry_for(tiny.read_bytes())
    monkeypatch.setattr(registry, "load_catalog", lambda: {"tiny": entry})
    models_folder().mkdir(parents=True)
    (models_folder() / entry.file).write_bytes(tiny.read_bytes())
    return entry


def refusal(call, *arguments, **named):
    with pytest.raises(ModelError) as caught:
        call(*arguments, **named)
    return str(caught.value)


def test_a_pulled_model_is_listed_resolved_and_removed(catalogued):
    assert [(m.name, m.origin, m.bytes) for m in installed()] == [
        ("tiny", "pulled", catalogued.bytes)
    ]
    model = resolve("tiny")
    assert (model.entry, model.header.architecture) == (catalogued, "qwen2")
    assert resolve(str(model.path)).entry == catalogued
    assert "Confirm" in refusal(remove, "tiny", delete_file=False)
    assert model.path.exists()
    assert remove("tiny", delete_file=True).deleted
    assert not model.path.exists()
    assert installed() == []
    assert "workbench models pull tiny" in refusal(resolve, "tiny")
    assert "not on this machine" in refusal(remove, "tiny", delete_file=True)


def test_a_linked_model_stays_where_it_is(tmp_path):
    path = tiny_gguf(tmp_path / "mine.gguf", seed=7)
    model = add(path)
    assert (model.name, model.origin, model.path) == ("mine", "linked", path)
    assert resolve("mine").path == path
    assert installed() == [model]
    assert not remove("mine", delete_file=True).deleted
    assert path.exists()
    assert installed() == []


def test_a_copied_model_is_the_programs_own(tmp_path):
    path = tiny_gguf(tmp_path / "mine.gguf", seed=7)
    model = add(path, name="mine-too", copy=True)
    assert model.path == models_folder() / "mine.gguf"
    assert model.path.read_bytes() == path.read_bytes()
    path.unlink()
    assert resolve("mine-too").path == model.path
    assert verify("mine-too").ok
    assert remove("mine-too", delete_file=True).deleted
    assert not model.path.exists()
    assert not list(models_folder().glob("*.part"))


def test_a_linked_file_that_is_in_the_catalogue_is_recognised(catalogued, tiny):
    assert add(tiny, name="other").entry == catalogued


def test_names_that_are_taken_or_impossible_are_refused(catalogued, tiny):
    assert "is taken" in refusal(add, tiny, name="tiny")
    add(tiny, name="other")
    assert "is taken" in refusal(add, tiny, name="other")
    for name in ("", "a/b", "x.gguf", "a\nb", "-x"):
        assert "cannot be the name" in refusal(add, tiny, name=name)


def test_a_file_that_is_no_model_is_not_registered(tmp_path):
    path = tmp_path / "page.gguf"
    path.write_text("<html>nothing</html>")
    assert "web page" in refusal(add, path)
    assert not records_file().exists()


def test_no_room_for_a_copy_leaves_nothing_behind(tiny, monkeypatch):
    monkeypatch.setattr("shutil.disk_usage", lambda _folder: Usage)
    line = refusal(add, tiny, copy=True)
    assert "the disk is full" in line
    assert "1000 are free" in line
    assert not records_file().exists()
    assert [path.name for path in models_folder().iterdir()] == []


class Usage:
    free = 1000


def test_an_unknown_name_lists_what_comes_close():
    line = refusal(resolve, "qwen3-4b-2506")
    assert "qwen3-4b-2507" in line
    assert "workbench models list" in line


def test_a_known_model_that_is_not_here_says_how_to_get_it():
    assert "workbench models pull qwen3-4b" in refusal(resolve, "qwen3-4b")


def test_paths_are_told_from_names(tiny, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert resolve(tiny.name).path == tiny
    assert resolve(f"./{tiny.name}").header.name == "Tiny"
    assert "No such file" in refusal(resolve, "absent.gguf")


def test_a_pulled_file_of_the_wrong_size_is_not_installed(catalogued):
    path = models_folder() / catalogued.file
    path.write_bytes(path.read_bytes()[:-1])
    assert installed() == []
    assert f"should be {catalogued.bytes}" in refusal(resolve, "tiny")


def test_verify_reads_the_file_again(catalogued):
    path = models_folder() / catalogued.file
    assert verify("tiny").ok
    status, data = path.stat(), bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    result = verify("tiny")
    assert not result.ok
    assert (result.expected, result.entry) == (catalogued.sha256, catalogued)


def test_a_file_nobody_knows_is_verified_without_a_verdict(tiny):
    result = verify(str(tiny))
    assert (result.ok, result.expected) == (True, None)


def test_a_hash_is_remembered_until_the_file_changes(tiny):
    reads = []
    assert known_sha256(tiny) is None
    first = file_sha256(tiny, lambda done, total: reads.append(done))
    assert reads
    reads.clear()
    assert known_sha256(tiny) == first
    assert file_sha256(tiny, lambda done, total: reads.append(done)) == first
    assert reads == []
    with tiny.open("ab") as stream:
        stream.write(b"x")
    assert known_sha256(tiny) is None
    assert known_sha256(tiny.with_name("absent")) is None
    assert file_sha256(tiny) != first


def test_a_damaged_cache_costs_nothing_but_time(tiny, home):
    first = file_sha256(tiny)
    for slot in (home / "cache" / "hashes").iterdir():
        slot.write_text("[]")
    assert file_sha256(tiny) == first


texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@given(texts, texts, st.booleans())
def test_records_come_back_as_they_were_written(name, path, copied):
    record = Registered(path, 5, "b" * 64, copied)
    pulled = Pulled("a.gguf", "c" * 64, "hub", "2026-01-01")
    document = tomllib.loads(_to_toml(Records({name: record}, {name: pulled})))
    assert Registered(**document["registered"][name]) == record
    assert Pulled(**document["pulled"][name]) == pulled


@pytest.mark.parametrize(
    "text", ["=", "registered = 1", '[registered."x"]\npath = "a"', "[pulled]\nx = 1"]
)
def test_malformed_records_are_named(text):
    records_file().parent.mkdir(parents=True)
    records_file().write_text(text)
    assert str(records_file()) in refusal(load_records)


def change_and_fail(error):
    with changing_records() as records:
        records.pulled["x"] = Pulled("x", "x", "x", "x")
        raise error


def test_records_stay_as_they_were_when_the_change_fails():
    with pytest.raises(KeyError):
        change_and_fail(KeyError("x"))
    assert load_records().pulled == {}
