"""A small S3-compatible server that really listens: one bucket, objects by their path, and what was asked of it."""

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, unquote, urlsplit
from xml.sax.saxutils import escape

STAMP = "Mon, 01 Jun 2026 10:00:00 GMT"
ISO = "2026-06-01T10:00:00.000Z"


@dataclass
class Store:
    bucket: str
    address: str = ""
    objects: dict[str, bytes] = field(default_factory=dict)
    headers: list[dict[str, str]] = field(default_factory=list)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    store: Store

    def log_message(self, *_):
        """Quiet."""

    def answer(self, status, body=b"", **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        if "Content_Length" not in headers:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def key(self):
        self.store.headers.append(dict(self.headers))
        bucket, _, key = unquote(urlsplit(self.path).path).lstrip("/").partition("/")
        return key if bucket == self.store.bucket else None

    def body(self):
        """As it is sent: in one piece, or in signed chunks, each after its length."""
        if self.headers.get("Expect") == "100-continue":
            self.send_response_only(100)
            self.end_headers()
        raw = self.rfile.read(int(self.headers["Content-Length"]))
        if "aws-chunked" not in self.headers.get("Content-Encoding", ""):
            return raw
        whole = b""
        while raw:
            head, _, raw = raw.partition(b"\r\n")
            size = int(head.partition(b";")[0], 16)
            if not size:
                break
            whole, raw = whole + raw[:size], raw[size + 2 :]
        return whole

    def do_PUT(self):
        key = self.key()
        self.store.objects[key] = self.body()
        self.answer(200, ETag='"kept"')

    def do_HEAD(self):
        self.found(self.key())

    def do_GET(self):
        key = self.key()
        if key:
            self.found(key)
        else:
            self.listed(parse_qs(urlsplit(self.path).query))

    def found(self, key):
        body = self.store.objects.get(key)
        if body is None:
            self.answer(404, b"<Error><Code>NoSuchKey</Code></Error>", Content_Type="application/xml")
        else:
            self.answer(200, body, ETag='"kept"', Last_Modified=STAMP, Content_Length=str(len(body)))

    def listed(self, asked):
        prefix = asked.get("prefix", [""])[0]
        below = {key: key[len(prefix) :] for key in sorted(self.store.objects) if key.startswith(prefix)}
        folders = sorted({f"{prefix}{rest.partition('/')[0]}/" for rest in below.values() if "/" in rest})
        rows = [key for key, rest in below.items() if "/" not in rest]
        contents = "".join(
            f"<Contents><Key>{escape(key)}</Key><Size>{len(self.store.objects[key])}</Size>"
            f"<LastModified>{ISO}</LastModified></Contents>"
            for key in rows
        )
        common = "".join(
            f"<CommonPrefixes><Prefix>{escape(one)}</Prefix></CommonPrefixes>" for one in folders
        )
        body = f"<ListBucketResult><IsTruncated>false</IsTruncated>{contents}{common}</ListBucketResult>"
        self.answer(200, body.encode(), Content_Type="application/xml")


@contextmanager
def listening(bucket):
    """The store, which answers at `address` for as long as the block lasts."""
    store = Store(bucket)

    bound = type("Bound", (Handler,), {"store": store})
    server = ThreadingHTTPServer(("127.0.0.1", 0), bound)
    store.address = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield store
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
