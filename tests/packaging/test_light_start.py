import json
import subprocess
import sys

import pytest

HEAVY = {
    "llama_cpp",
    "textual",
    "jinja2",
    "numpy",
    "opencc",
    "trafilatura",
    "lxml",
    "ijson",
    "pypdfium2",
    "huggingface_hub",
    "rich",
}


def modules_after(script: str) -> set[str]:
    report = "import json, sys; print(json.dumps(sorted({m.split('.')[0] for m in sys.modules})))"
    source = f"{script}\n{report}"
    ended = subprocess.run([sys.executable, "-c", source], check=True, capture_output=True)
    found: list[str] = json.loads(ended.stdout.splitlines()[-1])
    return set(found)


@pytest.mark.parametrize("module", sorted(HEAVY & {"jinja2", "numpy"}))
def test_the_probe_sees_a_heavy_module_that_is_imported(module: str) -> None:
    assert module in modules_after(f"import {module}")


@pytest.mark.parametrize(
    "script",
    [
        "import workbench",
        "import workbench.cli",
        "import workbench.engine.client",
        "import workbench.articles.reader",
        "import workbench.store.library",
    ],
)
def test_importing_stays_light(script: str) -> None:
    assert not HEAVY & modules_after(script)


@pytest.mark.parametrize("arguments", [["--help"], ["--version"]])
def test_asking_for_help_imports_nothing_heavy(arguments: list[str]) -> None:
    script = f"""
import sys
from workbench.cli import main
try:
    main({arguments!r})
except SystemExit as ended:
    assert not ended.code, ended.code
"""
    assert not HEAVY & modules_after(script)
