"""A receiver of webhooks on this machine, which answers as it is told and keeps what came."""

import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_network

LOOPBACK = [ip_network("127.0.0.0/8")]


@dataclass
class Receiver:
    url: str
    status: int = 204
    headers: dict = field(default_factory=dict)
    body: bytes = b""
    came: list = field(default_factory=list)


@contextmanager
def receiving(**answer):
    """A server that lasts as long as the block."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.receiver = Receiver(f"http://127.0.0.1:{server.server_port}/hook?from=portal", **answer)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield server.receiver
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        receiver = self.server.receiver
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        receiver.came.append((self.path, dict(self.headers), body))
        self.send_response(receiver.status)
        for name, value in {"Content-Length": str(len(receiver.body)), **receiver.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(receiver.body)

    def log_message(self, *arguments):
        """Say nothing: the tests look at what came."""
