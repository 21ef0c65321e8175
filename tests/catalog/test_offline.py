import subprocess
import sys

import pytest

PRELUDE = """
import os, socket, threading
from workbench.offline import NetworkForbidden, allow_network, forbid_network, refused_attempts
forbid_network()
def refused(call, *arguments):
    before = refused_attempts()
    try:
        call(*arguments)
    except NetworkForbidden as error:
        assert isinstance(error, ConnectionError) and "nothing leaves this machine" in str(error)
        assert refused_attempts() == before + 1
        return True
    return False
"""


def run(script):
    done = subprocess.run(
        [sys.executable, "-c", PRELUDE + script], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


# 192.0.2.0/24 and 2001:db8::/32 are for documentation: nothing answers there (RFC 5737, RFC 3849).
@pytest.mark.parametrize(
    "call",
    [
        "socket.create_connection, ('192.0.2.1', 80), 0.1",
        "socket.create_connection, ('example.org', 80), 0.1",
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto, b'x', ('192.0.2.1', 9)",
        "socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendmsg, [b'x'], [], 0, ('192.0.2.1', 9)",
        "socket.socket(socket.AF_INET).connect_ex, ('192.0.2.1', 80)",
        "socket.socket(socket.AF_INET).connect, ('0.0.0.0', 80)",
        "socket.socket(socket.AF_INET6).connect, ('2001:db8::1', 80)",
        "socket.socket(socket.AF_INET6).connect, ('::ffff:192.0.2.1', 80)",
        "socket.getaddrinfo, 'example.org', 443",
        "socket.getaddrinfo, b'example.org', 443",
        "socket.gethostbyname, 'example.org'",
        "socket.gethostbyaddr, '192.0.2.1'",
        "socket.getnameinfo, ('192.0.2.1', 80), 0",
    ],
)
def test_other_machines_are_out_of_reach(call):
    run(f"assert refused({call})")


def test_the_machine_itself_stays_in_reach():
    run("""
server = socket.create_server(("127.0.0.1", 0))
port = server.getsockname()[1]
for host in ("127.0.0.1", "localhost"):
    socket.create_connection((host, port), 5).close()
left, right = socket.socketpair()
left.send(b"x")
assert right.recv(1) == b"x" and refused_attempts() == 0
""")


def test_libraries_are_told_to_stay_offline():
    assert run("""
for name in ("HF_HUB_OFFLINE", "HF_HUB_DISABLE_TELEMETRY", "DO_NOT_TRACK"):
    print(os.environ[name])
""").split() == ["1", "1", "1"]


def test_an_http_library_meets_one_clear_line():
    out = run("""
import urllib.request
try:
    urllib.request.urlopen("http://192.0.2.1/")
except OSError as error:
    print(error)
assert refused_attempts() == 1
""")
    assert "nothing leaves this machine" in out


def test_the_opening_is_for_its_thread_and_ends_with_the_block():
    run("""
import huggingface_hub.constants as constants
assert constants.HF_HUB_OFFLINE
address = ("0.0.0.0", 9)  # not loopback to the guard, yet no packet leaves the machine
def send():
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", address)
seen = []
with allow_network():
    assert "HF_HUB_OFFLINE" not in os.environ and not constants.HF_HUB_OFFLINE
    try:
        send()
    except NetworkForbidden:
        raise SystemExit("refused inside the opening")
    except OSError:
        pass
    other = threading.Thread(target=lambda: seen.append(refused(send)))
    other.start(); other.join()
assert seen == [True]
assert refused(send) and os.environ["HF_HUB_OFFLINE"] == "1" and constants.HF_HUB_OFFLINE
""")


def test_forbidding_twice_counts_once():
    run("forbid_network(); assert refused(socket.getaddrinfo, 'example.org', 1)")


def test_a_permit_is_for_one_address_and_port_of_its_thread():
    run("""
from workbench.offline import permit
# Not loopback to the guard, yet no packet leaves the machine: nothing listens on port 9.
def connect(host, port=9):
    with socket.socket(socket.AF_INET) as sock:
        sock.settimeout(5)
        try:
            sock.connect((host, port))
        except NetworkForbidden:
            raise
        except OSError:
            pass
seen = []
with permit("0.0.0.0", 9):
    connect("0.0.0.0")
    assert refused_attempts() == 0
    assert refused(connect, "0.0.0.0", 10)
    assert refused(connect, "192.0.2.1")
    assert refused(socket.getaddrinfo, "example.org", 9)
    datagram = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    assert refused(datagram.sendto, b"x", ("0.0.0.0", 9))
    other = threading.Thread(target=lambda: seen.append(refused(connect, "0.0.0.0")))
    other.start(); other.join()
assert seen == [True]
assert refused(connect, "0.0.0.0")
""")


def test_a_permit_for_a_name_is_for_its_look_up_alone():
    run("""
from workbench.offline import permit
with permit("server.invalid", 80):
    try:
        socket.getaddrinfo("server.invalid", 80)
    except NetworkForbidden:
        raise SystemExit("refused inside the permit")
    except OSError:
        pass
    assert refused(socket.getaddrinfo, "server.invalid", 81)
    assert refused(socket.getaddrinfo, "other.invalid", 80)
assert refused(socket.getaddrinfo, "server.invalid", 80)
with permit("0", 9):  # a name to the guard, though the library takes it for 0.0.0.0
    assert refused(socket.socket(socket.AF_INET).connect, ("0", 9))
""")


def test_refusals_of_every_process_stand_in_one_journal(tmp_path, monkeypatch):
    journal = tmp_path / "attempts"
    monkeypatch.setenv("WORKBENCH_OFFLINE_LOG", str(journal))
    run("""
import subprocess, sys
assert refused(socket.gethostbyname, "a\\nb.example")
code = '''
import socket
from workbench.offline import forbid_network
forbid_network()
try:
    socket.create_connection(("192.0.2.1", 80), 0.1)
except OSError:
    pass
'''
subprocess.run([sys.executable, "-c", code], check=True)
""")
    lines = journal.read_text().splitlines()
    assert [line.partition(" ")[2] for line in lines] == [r"'a\nb.example'", "'192.0.2.1'"]
    assert len({line.partition(" ")[0] for line in lines}) == 2


def test_a_journal_that_cannot_be_written_changes_nothing(tmp_path, monkeypatch):
    monkeypatch.setenv("WORKBENCH_OFFLINE_LOG", str(tmp_path / "missing" / "attempts"))
    run("assert refused(socket.gethostbyname, 'example.org')")


def test_libraries_are_told_to_report_nothing():
    run("""
off = {"HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1", "DO_NOT_TRACK": "1",
       "PIP_DISABLE_PIP_VERSION_CHECK": "1", "RAY_USAGE_STATS_ENABLED": "0",
       "VLLM_NO_USAGE_STATS": "1"}
assert {name: os.environ.get(name) for name in off} == off
""")


def test_pulling_finds_the_hub_library_online_whenever_it_is_imported():
    run("""
with allow_network():
    from huggingface_hub import constants
    assert not constants.HF_HUB_OFFLINE
    assert constants.HF_HUB_DISABLE_TELEMETRY
""")


# Tries to connect when the process imports a module that only the process it is about imports,
# and writes down what came of it.
AT_IMPORT = """
import os, sys
tried = []
def hook(event, arguments):
    if event == "import" and arguments[0] == os.environ["AT_IMPORT_OF"] and not tried:
        tried.append(True)
        import socket
        try:
            socket.socket(type=socket.SOCK_DGRAM).connect(("192.0.2.1", 9))
            outcome = "connected"
        except Exception as error:
            outcome = type(error).__name__
        with open(os.environ["OUTCOMES"], "a") as stream:
            stream.write(outcome + "\\n")
sys.addaudithook(hook)
"""


@pytest.mark.parametrize(
    ("module", "started"),
    [
        ("workbench.articles.formats.pdf_child", "pypdfium2"),
        ("workbench.engine.about", "llama_cpp"),
        ("workbench.store.worker_pool", "colorsys"),
    ],
)
def test_processes_that_are_started_refuse_connections_too(tmp_path, monkeypatch, module, started):
    (tmp_path / "sitecustomize.py").write_text(AT_IMPORT)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setenv("AT_IMPORT_OF", started)
    monkeypatch.setenv("OUTCOMES", str(tmp_path / "outcomes"))
    script = tmp_path / "script.py"
    script.write_text(STARTING[module])
    subprocess.run([sys.executable, str(script)], check=True, timeout=60)
    assert (tmp_path / "outcomes").read_text().split() == ["NetworkForbidden"]


STARTING = {
    "workbench.articles.formats.pdf_child": """
from workbench.articles.formats.pdf_process import take_apart
from workbench.errors import ArticleError
try:
    take_apart(b"%PDF-1.7 nothing")
except ArticleError:
    pass
""",
    "workbench.engine.about": """
from workbench.engine.about import native_report
assert not native_report().error
""",
    "workbench.store.worker_pool": """
from workbench.store.worker_pool import ordered_results
def work(items):
    import colorsys
    return items
if __name__ == "__main__":
    assert list(ordered_results(work, [[1]], 1)) == [1]
""",
}
