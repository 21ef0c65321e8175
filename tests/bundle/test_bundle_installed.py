"""A bundle on a machine that never had a network: an empty folder, and the system's Python."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from workbench.bundle import bootstrap
from workbench.bundle.creating import Contents, create
from workbench.rehearsal import can_be_alone

SAMPLE = Path(__file__).parents[2] / "workbench" / "samples" / "city-library-nights.txt"


@pytest.mark.alone
@pytest.mark.skipif(
    not can_be_alone(), reason="needs a network namespace, which is not permitted here (unshare)"
)
@pytest.mark.skipif(shutil.which("tar") is None, reason="needs tar")
def test_a_machine_without_a_network_gets_all_from_one_file(
    at_home: Callable[[str], Path], model: Path, tmp_path: Path
) -> None:
    config = at_home("here") / "config" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text(f'model = "{model}"\ncontext = 2048\n', encoding="utf-8")
    bundle = tmp_path / "workbench.bundle"
    create(bundle, Contents([str(model)]))
    there = tmp_path / "there"
    there.mkdir()
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(there),
        "WORKBENCH_HOME": str(there / "home"),
        "WORKBENCH_OFFLINE_LOG": str(there / "attempts"),
        "WORKBENCH_THREADS": "1",
        "LC_ALL": "C.UTF-8",
    }

    def alone(*command: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["unshare", "-rn", *command],
            env=environment,
            cwd=there,
            capture_output=True,
            text=True,
            timeout=200,
            check=False,
        )

    base = getattr(sys, "_base_executable", sys.executable)
    # As the page says: the script out of the bundle, into a Python that has nothing else.
    line = f'tar -xOf "{bundle}" install.py | "{base}" -I - "{bundle}" --into env'
    done = alone("sh", "-c", line)
    assert done.returncode == 0, done.stderr
    program = str(there / "env" / "bin" / "workbench")
    assert f"start it with: {program}" in done.stderr
    done = alone(program, "summarize", "--length", "short", "--format", "json", str(SAMPLE))
    assert done.returncode == 0, done.stderr
    assert '"name": "small"' in done.stdout
    assert not (there / "attempts").exists(), "nobody tried to reach another machine"
    assert [path.name for path in (there / "env").iterdir() if path.name.startswith("tmp")] == []
    # Refused: the same into a folder with something else in it.
    with pytest.raises(bootstrap.BundleError, match="is not empty"):
        bootstrap.install_programs(bundle, there / "home")
