import base64
import csv
import hashlib
import io
import zipfile
from importlib.metadata import Distribution, distribution
from pathlib import Path

import pytest

from workbench.bundle.bootstrap import BundleError
from workbench.bundle.wheels import build_wheel, needed


def hashed(data: bytes) -> str:
    return "sha256=" + base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


def installed(folder: Path, **files: bytes) -> Distribution:
    """Lay out a distribution as pip does: packages, programs and data outside of them."""
    site = folder / "lib" / "python3" / "site-packages"
    found = {
        "demo/__init__.py": b"x = 1\n",
        "demo/名.txt": "看".encode(),
        "demo/tool.so": b"\x7fELF",
        "demo/__pycache__/__init__.cpython-311.pyc": b"",
        "../../../bin/demo": b"#!/usr/bin/python3\nmade by pip",
        "../../../bin/other": b"#!/usr/bin/python3\nprint(1)\n",
        "../../../share/man/demo.1": b"manual",
        "demo-1.0.dist-info/METADATA": b"Metadata-Version: 2.1\nName: de.mo\nVersion: 1.0\n",
        "demo-1.0.dist-info/WHEEL": (
            b"Wheel-Version: 1.0\nTag: cp311-cp311-manylinux_2_17_x86_64\n"
            b"Tag: cp311-cp311-manylinux2014_x86_64\n"
        ),
        "demo-1.0.dist-info/entry_points.txt": b"[console_scripts]\ndemo = demo:x\n",
        "demo-1.0.dist-info/INSTALLER": b"pip",
        "demo-1.0.dist-info/REQUESTED": b"",
        **files,
    }
    lines = io.StringIO()
    writer = csv.writer(lines, lineterminator="\n")
    for place, data in found.items():
        path = site / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        writer.writerow([place, "" if place.endswith(".pyc") else hashed(data), len(data)])
    (site / "demo" / "tool.so").chmod(0o755)
    writer.writerow(["demo-1.0.dist-info/RECORD", "", ""])
    (site / "demo-1.0.dist-info" / "RECORD").write_text(lines.getvalue(), encoding="utf-8")
    return Distribution.at(site / "demo-1.0.dist-info")


def test_a_wheel_holds_what_was_installed_as_it_was_before(tmp_path: Path) -> None:
    path = build_wheel(installed(tmp_path), tmp_path)
    assert path.name == ("de_mo-1.0-cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64.whl")
    with zipfile.ZipFile(path) as wheel:
        assert sorted(wheel.namelist()) == [
            "de_mo-1.0.data/data/share/man/demo.1",
            "de_mo-1.0.data/scripts/other",
            "demo-1.0.dist-info/METADATA",
            "demo-1.0.dist-info/RECORD",
            "demo-1.0.dist-info/WHEEL",
            "demo-1.0.dist-info/entry_points.txt",
            "demo/__init__.py",
            "demo/tool.so",
            "demo/名.txt",
        ]
        assert wheel.read("de_mo-1.0.data/scripts/other") == b"#!python\nprint(1)\n"
        assert wheel.getinfo("demo/tool.so").external_attr >> 16 & 0o111, "it may be run"
        record = {
            place: digest
            for place, digest, _size in csv.reader(
                io.StringIO(wheel.read("demo-1.0.dist-info/RECORD").decode())
            )
        }
        assert set(record) == set(wheel.namelist())
        for place, digest in record.items():
            assert digest == ("" if place.endswith("/RECORD") else hashed(wheel.read(place)))


def test_a_file_that_was_changed_since_is_found(tmp_path: Path) -> None:
    known = installed(tmp_path)
    Path(str(known.locate_file("demo/__init__.py"))).write_text("x = 2\n", encoding="utf-8")
    with pytest.raises(BundleError, match=r"demo/__init__\.py of de\.mo was changed"):
        build_wheel(known, tmp_path)


def test_a_file_that_is_gone_is_found(tmp_path: Path) -> None:
    known = installed(tmp_path)
    Path(str(known.locate_file("demo/tool.so"))).unlink()
    with pytest.raises(BundleError, match=r"de\.mo cannot be packed: demo/tool\.so"):
        build_wheel(known, tmp_path)


def test_what_was_not_installed_from_a_wheel_is_told(tmp_path: Path) -> None:
    known = installed(tmp_path, **{"demo-1.0.dist-info/WHEEL": b""})
    with pytest.raises(BundleError, match="not installed from a wheel"):
        build_wheel(known, tmp_path)


def test_the_same_installation_makes_the_same_wheel(tmp_path: Path) -> None:
    known = distribution("click")
    folders = [tmp_path / name for name in "ab"]
    made = []
    for folder in folders:
        folder.mkdir()
        made.append(build_wheel(known, folder))
    assert made[0].name == made[1].name
    assert made[0].read_bytes() == made[1].read_bytes()


def test_everything_that_is_needed_is_found_and_nothing_of_the_tests() -> None:
    names = [known.name for known in needed()]
    assert {"workbench-zh", "llama_cpp_python", "textual", "xlsxwriter", "pip"} <= set(names)
    assert {"certifi", "MarkupSafe"} <= set(names), "what is needed by what is needed"
    assert not {"pytest", "hypothesis", "mypy", "ruff"} & set(names)
    assert len(names) == len(set(names))
