"""Changing settings in the config file."""

from pathlib import Path

import pytest

from workbench.errors import SettingsError
from workbench.settings import config_file, stored_keys, stored_settings
from workbench.settings_file import keep_settings, overridden


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path))
    stored_settings.cache_clear()
    yield
    stored_settings.cache_clear()


def written(text: str) -> Path:
    path = config_file()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def test_comments_order_and_tables_of_the_file_stay() -> None:
    path = written('# 我的设置\nlength = "long"  # 要长的\n\n[keys]\n"app.quit" = "ctrl+x"\n')
    found = keep_settings({"length": "short", "context": 4096})
    assert (found.length, found.context) == ("short", 4096)
    text = path.read_text(encoding="utf-8")
    assert text.startswith('# 我的设置\nlength = "short"  # 要长的\n')
    assert stored_keys() == {"app.quit": "ctrl+x"}


def test_a_setting_back_at_its_default_is_taken_out() -> None:
    path = written("context = 4096\nseed = 7\n")
    keep_settings({"context": 8192})
    assert path.read_text(encoding="utf-8").strip() == "seed = 7"


def test_what_is_wrong_is_told_and_nothing_is_written() -> None:
    path = written("seed = 7\n")
    with pytest.raises(SettingsError, match="length"):
        keep_settings({"length": "endless"})
    assert path.read_text(encoding="utf-8") == "seed = 7\n"
    written("seed = \n")
    with pytest.raises(SettingsError):
        keep_settings({"seed": 8})


def test_without_a_file_one_is_made() -> None:
    assert keep_settings({"language": "zh_TW"}).language == "zh_TW"
    assert config_file().is_file()


def test_what_the_environment_sets_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_SEED", "9")
    stored_settings.cache_clear()
    assert overridden() == {"seed": "WORKBENCH_SEED"}


def test_keys_that_are_no_texts_are_refused() -> None:
    written('[keys]\n"app.quit" = 3\n')
    with pytest.raises(SettingsError, match="keys"):
        stored_keys()
