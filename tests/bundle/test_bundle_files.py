import hashlib
import io
import json
import shutil
import tarfile
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from workbench.bundle import bootstrap, creating
from workbench.bundle.bootstrap import BundleError, Item, read_manifest, unpack, verify
from workbench.bundle.creating import Contents, create
from workbench.bundle.installing import install
from workbench.catalog.registry import installed, resolve
from workbench.catalog.registry import verify as verify_model
from workbench.settings import stored_settings

At = Callable[[str], Path]


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_what_one_machine_has_is_what_the_other_gets(
    bundle: Path, at_home: At, model: Path
) -> None:
    there = at_home("there")
    placed = install(bundle)
    assert {one.outcome for one in placed} == {"installed"}
    assert (there / "data" / "models" / "small.gguf").read_bytes() == model.read_bytes()
    assert (there / "config" / "prompts" / "mine.md").read_text("utf-8").endswith("看\n")
    assert (there / "config" / "prompts" / "其他.md").exists()
    (known,) = installed()
    assert (known.name, known.origin) == ("small", "copied")
    assert verify_model("small").ok
    assert resolve("small").path == there / "data" / "models" / "small.gguf"


def test_settings_name_the_model_and_not_its_place(bundle: Path, at_home: At) -> None:
    there = at_home("there")
    install(bundle)
    stored_settings.cache_clear()
    assert stored_settings().model == "small"
    assert stored_settings().context == 1024
    assert stored_settings().lora == ""
    assert "# kept" in (there / "config" / "config.toml").read_text("utf-8")


def test_a_model_that_is_not_in_the_bundle_is_taken_out_of_the_settings(
    at_home: At, tmp_path: Path
) -> None:
    config = at_home("here") / "config" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text('model = "/elsewhere/big.gguf"\nseed = 1\n', encoding="utf-8")
    told: list[str] = []
    create(tmp_path / "b", Contents(programs=False), told.append)
    at_home("there")
    install(tmp_path / "b")
    stored_settings.cache_clear()
    assert (stored_settings().model, stored_settings().seed) == ("", 1)
    assert "/elsewhere/big.gguf" in "".join(told)


def test_installed_again_nothing_is_written(bundle: Path, at_home: At) -> None:
    there = at_home("there")
    install(bundle)
    own = [name for name in files(there) if name.endswith((".gguf", ".md", "config.toml"))]
    before = {name: (there / name).stat().st_mtime_ns for name in own}
    assert len(own) == 4
    assert {one.outcome for one in install(bundle)} == {"there"}
    assert {name: (there / name).stat().st_mtime_ns for name in before} == before


def test_files_of_the_user_are_kept_unless_told_otherwise(bundle: Path, at_home: At) -> None:
    there = at_home("there")
    own = there / "config" / "prompts" / "mine.md"
    own.parent.mkdir(parents=True)
    own.write_text("mine", encoding="utf-8")
    placed = {one.path.name: one.outcome for one in install(bundle)}
    assert placed["mine.md"] == "kept"
    assert placed["其他.md"] == "installed"
    assert own.read_text("utf-8") == "mine"
    install(bundle, replace=True)
    assert own.read_text("utf-8").endswith("看\n")


def test_a_name_that_is_taken_gets_a_number(bundle: Path, at_home: At, tmp_path: Path) -> None:
    from tiny_gguf import Tiny, write

    from workbench.catalog.registry import add

    at_home("there")
    add(write(tmp_path / "other.gguf", Tiny(script=(b"y",))), name="small")
    install(bundle)
    assert sorted(one.name for one in installed()) == ["small", "small-2"]


def test_the_same_files_make_the_same_bundle(
    bundle: Path, at_home: At, model: Path, tmp_path: Path
) -> None:
    again = tmp_path / "again"
    at_home("here")
    manifest = create(again, Contents([str(model)], programs=False))
    assert again.read_bytes() == bundle.read_bytes()
    assert manifest == read_manifest(bundle) == verify(bundle)


def test_progress_ends_at_the_size_of_all_files(bundle: Path) -> None:
    seen: list[tuple[int, int]] = []
    manifest = verify(bundle, lambda done, total: seen.append((done, total)))
    assert seen[-1] == (manifest.size, manifest.size)
    assert seen == sorted(seen)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(place=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_a_bit_that_flipped_is_found_or_matters_to_nothing(
    small: Path, place: float, bit: int
) -> None:
    data = bytearray(small.read_bytes())
    data[int(place * len(data))] ^= 1 << bit
    damaged = small.with_name("damaged")
    damaged.write_bytes(data)
    try:
        manifest = verify(damaged)
    except BundleError:
        return
    # What is left are header fields that nothing is made of, and padding.
    assert manifest == verify(small)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(share=st.floats(0, 1, exclude_max=True))
def test_a_bundle_that_ends_too_early_is_refused(small: Path, share: float) -> None:
    data = small.read_bytes()
    with tarfile.open(small) as tar:
        last = tar.getmembers()[-1]
    end = last.offset_data + last.size
    cut = small.with_name("cut")
    cut.write_bytes(data[: int(share * end)])
    with pytest.raises(BundleError):
        verify(cut)


@pytest.fixture
def small(at_home: At, tmp_path: Path) -> Path:
    config = at_home("here") / "config" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text("seed = 1\n" * 1 + "# " + "x" * 600 + "\n", encoding="utf-8")
    create(tmp_path / "small", Contents(programs=False))
    return tmp_path / "small"


def test_a_damaged_bundle_puts_nothing_anywhere(bundle: Path, at_home: At) -> None:
    data = bundle.read_bytes()
    at = data.rfind(b"context = 1024")
    bundle.write_bytes(data[:at] + b"context = 9999" + data[at + 14 :])
    there = at_home("there")
    with pytest.raises(BundleError, match=r"settings/config\.toml is not what it should be"):
        install(bundle)
    assert not there.exists() or files(there) == []


def raw(
    path: Path, items: list[dict[str, Any]], members: list[tarfile.TarInfo | tuple[str, bytes]]
) -> Path:
    told = {
        "format": 1, "workbench": "1", "python": "3", "platform": "x", "items": items,
        "script": hashlib.sha256(b"#").hexdigest(),
    }  # fmt: skip
    first = [("install.py", b"#"), ("manifest.json", json.dumps(told).encode())]
    with tarfile.open(path, "w") as tar:
        for member in [*first, *members]:
            if isinstance(member, tarfile.TarInfo):
                tar.addfile(member)
                continue
            name, data = member
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return path


def item(path: str, data: bytes = b"x", kind: str = "template") -> dict[str, Any]:
    digest = hashlib.sha256(data).hexdigest()
    return {"path": path, "kind": kind, "bytes": len(data), "sha256": digest, "name": ""}


@pytest.mark.parametrize(
    "path",
    [
        "../evil.md", "/etc/evil.md", "template/../evil.md", "template/a/b.md", "template/..",
        "template/", "template/.hidden", "template\\evil.md", "template/a\\..\\b.md",
        "template/C:evil.md", "template/a\0.md", "template/a\n.md", "template/end. ",
        "model/x.gguf", "other/x", "", "template/" + "x" * 300,
    ],
)  # fmt: skip
def test_paths_that_leave_their_folder_are_refused(tmp_path: Path, at_home: At, path: str) -> None:
    there = at_home("there")
    made = raw(tmp_path / "evil", [item(path)], [(path or "x", b"x")])
    with pytest.raises(BundleError, match="which has no place"):
        install(made)
    assert not there.exists()


def link(kind: bytes, name: str = "template/a.md") -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.linkname = kind, "/etc/passwd"
    return info


@pytest.mark.parametrize(
    ("items", "members"),
    [
        ([item("template/a.md")], [link(tarfile.SYMTYPE)]),
        ([item("template/a.md")], [link(tarfile.LNKTYPE)]),
        ([item("template/a.md")], [link(tarfile.FIFOTYPE)]),
        ([item("template/a.md")], [link(tarfile.DIRTYPE)]),
        ([item("template/a.md")], []),
        ([item("template/a.md")], [("template/b.md", b"x")]),
        ([item("template/a.md")], [("template/a.md", b"xy")]),
        ([item("template/a.md")], [("template/a.md", b"y")]),
        ([item("template/a.md")], [("template/a.md", b"x"), ("template/b.md", b"x")]),
        ([item("template/a.md"), item("template/A.md")], []),
        ([{**item("template/a.md"), "bytes": -1}], [("template/a.md", b"x")]),
        ([{**item("template/a.md"), "bytes": "1"}], [("template/a.md", b"x")]),
        ([{**item("template/a.md"), "sha256": "0"}], [("template/a.md", b"x")]),
        ([{"path": "template/a.md"}], []),
        ([7], []),
    ],
)
def test_what_is_not_as_the_manifest_says_is_refused(
    tmp_path: Path, at_home: At, items: list[Any], members: list[Any]
) -> None:
    there = at_home("there")
    with pytest.raises(BundleError):
        install(raw(tmp_path / "evil", items, members))
    assert not there.exists()


@pytest.mark.parametrize("data", [b"", b"no tar", b"\0" * 10_240, b"\x1f\x8b" + b"x" * 600])
def test_a_file_that_is_no_bundle_is_told(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(data)
    with pytest.raises(BundleError, match="no bundle|damaged"):
        verify(path)
    with pytest.raises(BundleError, match="cannot be read"):
        verify(tmp_path / "missing")


def test_a_later_format_is_told_as_such(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "later", "w") as tar:
        for name, data in (("install.py", b"#"), ("manifest.json", b'{"format": 2}')):
            info = tarfile.TarInfo(name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    with pytest.raises(BundleError, match="format 2"):
        verify(tmp_path / "later")


def test_a_file_damaged_between_verifying_and_writing_does_not_appear(
    small: Path, tmp_path: Path
) -> None:
    verify(small)
    small.write_bytes(small.read_bytes().replace(b"seed = 1", b"seed = 2"))
    with pytest.raises(BundleError):
        unpack(small, lambda item: tmp_path / "out" / item.file_name)
    assert files(tmp_path / "out") == []


def test_no_room_is_told_before_anything_is_written(
    bundle: Path, at_home: At, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = at_home("there")
    usage = type(shutil.disk_usage("/"))(10**9, 10**9, 1000)
    monkeypatch.setattr(bootstrap.shutil, "disk_usage", lambda _folder: usage)
    with pytest.raises(BundleError, match="MB are needed"):
        install(bundle)
    assert not there.exists() or files(there) == []


def test_large_files_pass_without_being_held(tmp_path: Path, at_home: At) -> None:
    wheels = tmp_path / "wheels"
    wheels.mkdir()
    with (wheels / "workbench_zh-1-py3-none-any.whl").open("wb") as stream:
        stream.truncate(96 << 20)
    tracemalloc.start()
    create(tmp_path / "b", Contents(wheels=wheels))
    verify(tmp_path / "b")
    unpack(tmp_path / "b", lambda item: tmp_path / "out" / item.file_name)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 16 << 20
    assert (tmp_path / "out" / "workbench_zh-1-py3-none-any.whl").stat().st_size == 96 << 20


@pytest.mark.parametrize("changed", [b"y" * 100, b"short"])
def test_a_file_that_changes_while_it_is_packed_makes_no_bundle(
    tmp_path: Path, at_home: At, monkeypatch: pytest.MonkeyPatch, changed: bytes
) -> None:
    wheel = tmp_path / "wheels" / "workbench_zh-1-py3-none-any.whl"
    wheel.parent.mkdir()
    wheel.write_bytes(b"x" * 100)
    # Room is looked for between hashing and packing.
    monkeypatch.setattr(creating, "require_space", lambda *_: wheel.write_bytes(changed))
    with pytest.raises(BundleError, match="changed while it was read"):
        create(tmp_path / "b", Contents(wheels=wheel.parent))
    assert files(tmp_path) == ["wheels/workbench_zh-1-py3-none-any.whl"]


def test_what_is_missing_is_told_before_the_work(tmp_path: Path, at_home: At) -> None:
    from workbench.errors import ModelError

    with pytest.raises(ModelError, match="not on this machine"):
        create(tmp_path / "b", Contents(["qwen3-4b-2507"]))
    with pytest.raises(BundleError, match="nothing to put"):
        create(tmp_path / "b", Contents(programs=False))
    with pytest.raises(BundleError, match="no wheel of the workbench"):
        create(tmp_path / "b", Contents(wheels=tmp_path))
    with pytest.raises(BundleError, match="is a folder"):
        create(tmp_path, Contents(programs=False))


def test_programs_for_other_machines_are_refused(tmp_path: Path, at_home: At) -> None:
    found = item("wheel/pip-1-py3-none-any.whl", kind="wheel")
    made = raw(tmp_path / "b", [found], [(found["path"], b"x")])
    with pytest.raises(BundleError, match="Python 3 on x"):
        bootstrap.install_programs(made, tmp_path / "env")
    with pytest.raises(BundleError, match="no programs"):
        bootstrap.install_programs(raw(tmp_path / "c", [], []), tmp_path / "env")
    assert not (tmp_path / "env").exists()


def test_an_item_knows_its_file_name() -> None:
    assert Item("model/a.gguf", "model", 1, "0" * 64).file_name == "a.gguf"
