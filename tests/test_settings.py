import json
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from workbench import paths
from workbench.errors import SettingsError, UsageError
from workbench.settings import Settings, config_file, settings_with, stored_settings


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    for field in fields(Settings):
        monkeypatch.delenv(f"WORKBENCH_{field.name.upper()}", raising=False)
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path))
    monkeypatch.delenv("WORKBENCH_MODELS", raising=False)
    stored_settings.cache_clear()
    yield tmp_path
    stored_settings.cache_clear()


def configure(text: str) -> None:
    config_file().parent.mkdir(parents=True, exist_ok=True)
    config_file().write_text(text, encoding="utf-8")


def test_without_anything_the_defaults_hold() -> None:
    assert settings_with() == Settings()


VALUES = [
    ("model", "from-file", "from-environment", "from-flag"),
    ("template", "brief", "plain", "voices"),
    ("length", "short", "long", "medium"),
    ("script", "taiwan", "hongkong", "simplified"),
    ("unsupported", "drop", "mark", "drop"),
    ("names", "于丰", "范后里", "于丰\n范后里"),
    ("context", 1024, 2048, 0),
    ("threads", 1, 2, 3),
    ("gpu_layers", 0, 5, -1),
    ("main_gpu", 1, 2, 0),
    ("tensor_split", "1,1", "3,1", ""),
    ("kv_type", "q8_0", "q4_0", "f16"),
    ("lora", "a.gguf", "b.gguf=0.5", "a.gguf\nb.gguf=0.5"),
    ("sequences", 1, 8, 0),
    ("lookup", "on", "off", "auto"),
    ("temperature", 0.5, 1.5, 0.0),
    ("seed", 1, 2, 0),
    ("cache_gb", 0.5, 8.0, 0.0),
    ("allow_remote_server", True, False, True),
    ("theme", "workbench-light", "nord", "workbench-dark"),
    ("language", "en", "zh_CN", "zh_TW"),
]


def test_every_setting_is_tried() -> None:
    assert [name for name, *_values in VALUES] == [field.name for field in fields(Settings)]


@pytest.mark.parametrize(("name", "file", "environment", "flag"), VALUES)
def test_defaults_give_way_to_file_environment_and_flags(
    monkeypatch: pytest.MonkeyPatch, name: str, file: object, environment: object, flag: object
) -> None:
    configure(f"{name} = {json.dumps(file)}\n")
    assert getattr(settings_with(), name) == file
    monkeypatch.setenv(f"WORKBENCH_{name.upper()}", str(environment))
    stored_settings.cache_clear()
    assert getattr(settings_with(), name) == environment
    assert getattr(settings_with(**{name: flag}), name) == flag
    assert getattr(settings_with(**{name: None}), name) == environment
    others = {field.name for field in fields(Settings)} - {name}
    for other in others:
        assert getattr(settings_with(), other) == getattr(Settings(), other)


def test_an_empty_variable_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_CONTEXT", "")
    assert settings_with().context == Settings().context


@pytest.mark.parametrize(
    ("text", "value"), [("1", True), ("0", False), ("true", True), ("FALSE", False)]
)
def test_a_variable_switches_on_and_off(
    monkeypatch: pytest.MonkeyPatch, text: str, value: bool
) -> None:
    monkeypatch.setenv("WORKBENCH_ALLOW_REMOTE_SERVER", text)
    assert settings_with().allow_remote_server is value


def test_a_switch_that_is_neither_on_nor_off_is_wrong_use(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKBENCH_ALLOW_REMOTE_SERVER", "perhaps")
    with pytest.raises(SettingsError, match="WORKBENCH_ALLOW_REMOTE_SERVER.*true"):
        settings_with()


def test_a_whole_number_is_a_temperature() -> None:
    configure("temperature = 1\n")
    assert settings_with().temperature == 1


@pytest.mark.parametrize(
    "text",
    [
        "context = -1",
        "context = 10485761",
        "context = 1.5",
        "context = false",
        "threads = 1025",
        "gpu_layers = -2",
        "temperature = nan",
        "temperature = inf",
        "temperature = 5.1",
        "temperature = '0'",
        "seed = 4294967296",
        "seed = -1",
        "seed = true",
        "allow_remote_server = 1",
        "allow_remote_server = 'true'",
        "cache_gb = -0.1",
        "cache_gb = nan",
        "cache_gb = '4'",
        "length = 'LONG'",
        "script = ''",
        "model = 3",
        "sead = 3",
        "[context]",
        "context = ",
    ],
)
def test_an_impossible_value_is_wrong_use_told_in_one_line(text: str) -> None:
    configure(text)
    with pytest.raises(SettingsError) as caught:
        settings_with()
    assert isinstance(caught.value, UsageError)
    assert str(caught.value).startswith(str(config_file()))
    assert "\n" not in str(caught.value)


def test_the_room_for_states_is_in_gb_of_a_thousand_million_bytes() -> None:
    assert settings_with().cache_bytes == 4_000_000_000
    assert settings_with(cache_gb=0.25).cache_bytes == 250_000_000
    assert settings_with(cache_gb=0).cache_bytes == 0


def test_a_config_file_that_is_not_utf8_is_told_in_one_line() -> None:
    config_file().parent.mkdir(parents=True)
    config_file().write_bytes("model = '模型'\n".encode("gb18030"))
    with pytest.raises(SettingsError, match="TOML") as caught:
        settings_with()
    assert str(config_file()) in str(caught.value)


def test_a_config_file_with_a_byte_order_mark_is_read() -> None:
    config_file().parent.mkdir(parents=True)
    config_file().write_bytes(b"\xef\xbb\xbflength = 'long'\r\n")
    assert settings_with().length == "long"


def test_home_moves_everything_that_is_written(home: Path) -> None:
    for folder in (
        paths.config_folder(),
        paths.data_folder(),
        paths.cache_folder(),
        paths.states_folder(),
        paths.models_folder(),
        paths.user_prompts_folder(),
        config_file(),
    ):
        assert home in folder.parents


def test_the_models_folder_can_lie_elsewhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORKBENCH_MODELS", str(tmp_path / "big disk"))
    assert paths.models_folder() == tmp_path / "big disk"


def test_without_home_folders_are_the_users_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("WORKBENCH_HOME")
    assert paths.config_folder().is_absolute()
    assert paths.config_folder() != paths.cache_folder()
    assert "workbench" in str(paths.data_folder()).lower()
