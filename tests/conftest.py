import os
import signal
from pathlib import Path

import pytest

from workbench.paths import models_folder

# Who starts the tests in the background may have Ctrl-C ignored, which programs under test inherit.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# It would lead tests that add and remove models to those of whoever runs them.
os.environ.pop("WORKBENCH_MODELS", None)


@pytest.fixture(scope="session")
def real_model() -> Path:
    """The real 0.5B model: named by WORKBENCH_TEST_MODEL, else pulled into the models folder."""
    named = os.environ.get("WORKBENCH_TEST_MODEL")
    path = Path(named or models_folder() / "qwen2.5-coder-0.5b-instruct-q4_k_m.gguf")
    if path.is_file():
        return path
    if os.environ.get("WORKBENCH_REQUIRE_MODEL") == "1":
        pytest.fail(f"{path} is required but not there")
    pytest.skip("the real 0.5B model has not been pulled")
