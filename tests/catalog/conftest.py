import os

import pytest
from catalog_support import tiny_gguf


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """A home of its own, no configured index or hub, and no proxy before the loopback interface."""
    for name in list(os.environ):
        if name.startswith(("PIP_", "HF_", "WORKBENCH_")) or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    folder = tmp_path / "home"
    monkeypatch.setenv("WORKBENCH_HOME", str(folder))
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_RETRIES", "0")
    monkeypatch.setenv("NO_PROXY", "*")
    return folder


@pytest.fixture
def tiny(tmp_path):
    return tiny_gguf(tmp_path / "tiny-source.gguf")
