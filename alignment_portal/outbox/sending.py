"""The one way out to an address somebody typed in: it reaches no network of ours that no setting names.

The name is resolved once, every address it has is judged, and the connection goes to the address that was
judged, so that a second answer of the name server changes nothing. Redirects are not followed, proxies of
the environment are not asked, and neither a slow nor a talkative receiver holds a worker for long.
"""

import http.client
import ipaddress
import re
import socket
import ssl
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.conf import settings

# SOURCE: RFC 1123, section 2.1; the last part of a name is never a number (RFC 3696, section 2).
_PART = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"(?=.{{1,253}}\Z)(?:{_PART}\.)*(?!(?:[0-9]+|0x[0-9a-f]*)\.?\Z){_PART}\.?")
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
CONNECT_SECONDS = 5.0
WHOLE_SECONDS = 15.0
READ_BYTES = 64 * 1024
EXCERPT = 1000
PORTS = {"http": 80, "https": 443}
# Addresses of IPv6 that stand for one of IPv4, which is what has to be judged.
NAT64 = ipaddress.ip_network("64:ff9b::/96")
# SOURCE: IANA special-purpose address registries; those that not every version of `ipaddress` knows as such.
SPECIAL = tuple(
    ipaddress.ip_network(text)
    for text in ("192.0.0.0/24", "192.88.99.0/24", "3fff::/20", "5f00::/16", "fec0::/10")
)


class Unsent(Exception):
    """Nothing was sent, or no answer came; the sentence says why."""


@dataclass(frozen=True)
class Target:
    secure: bool
    host: str
    port: int
    path: str


@dataclass(frozen=True)
class Answer:
    status: int
    excerpt: str
    milliseconds: int


def target_of(url: str) -> Target:
    """The address taken apart; Unsent, in a sentence, when it is none we send to."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        raise Unsent("This is no address of the web.") from error
    if parts.scheme not in PORTS or not parts.hostname:
        raise Unsent("Write a whole address that begins with https://.")
    if parts.username is not None or parts.password is not None:
        raise Unsent(
            "An address with a user name or password in it is not kept; the signature says who sends."
        )
    if parts.fragment or not url.isascii() or any(letter <= " " for letter in url):
        raise Unsent(
            "Write the address as it is sent: no “#”, no spaces, other letters in their encoded form."
        )
    if port == 0:
        raise Unsent("Nothing is sent to port 0.")
    literal = _literal(parts.hostname)
    if literal is not None:
        _require_allowed(literal)
    elif not _NAME.fullmatch(parts.hostname):
        # Also 2130706433, 0177.1 and 0x7f.1, which mean an address to some and a name to nobody.
        raise Unsent(f"“{parts.hostname[:80]}” is no name of a machine, and no address written as usual.")
    path = f"{parts.path or '/'}{f'?{parts.query}' if parts.query else ''}"
    return Target(parts.scheme == "https", parts.hostname, port or PORTS[parts.scheme], path)


def _literal(host: str) -> Address | None:
    with suppress(ValueError):
        return ipaddress.ip_address(host)
    return None


def _embedded(address: Address) -> Address:
    """The address of IPv4 that one of IPv6 stands for, where it does."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if address in NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else address)


def is_named(address: Address) -> bool:
    """Whether WEBHOOK_NETWORKS names a network this address lies in."""
    address = _embedded(address)
    return any(address in network for network in settings.WEBHOOK_NETWORKS)


def _require_allowed(address: Address) -> None:
    inner = _embedded(address)
    public = inner.is_global and not (inner.is_multicast or inner.is_reserved or inner.is_unspecified)
    public = public and not any(inner in network for network in SPECIAL)
    if not public and not is_named(inner):
        raise Unsent(f"{address} lies in a private network, which WEBHOOK_NETWORKS does not name.")


def _resolved(target: Target) -> Address:
    """One address to connect to; refused when any address of the name lies where nothing may be sent."""
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise Unsent(f"The name {target.host} leads nowhere.") from error
    addresses = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    for address in addresses:
        _require_allowed(address)
    chosen = addresses[0]
    if not target.secure and not is_named(chosen):
        raise Unsent("Over the open network events go by https only.")
    return chosen


def post(url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
    """Send once; the answer of the receiver, whatever it says. Raises Unsent when there is none."""
    target = target_of(url)
    address = _resolved(target)
    begun = time.monotonic()
    try:
        plain = socket.create_connection((str(address), target.port), timeout=CONNECT_SECONDS)
    except OSError as error:
        raise Unsent(f"Nothing answers at {target.host}, port {target.port}.") from error
    with plain, plain.dup() as handle:
        timer = threading.Timer(WHOLE_SECONDS, _hang_up, (handle,))
        timer.start()
        try:
            status, excerpt = _exchange(target, plain, body, headers)
        except (OSError, http.client.HTTPException) as error:
            raise Unsent(_why(error, late=time.monotonic() - begun >= WHOLE_SECONDS)) from error
        finally:
            timer.cancel()
    return Answer(status, excerpt, round((time.monotonic() - begun) * 1000))


def _hang_up(handle: socket.socket) -> None:
    with suppress(OSError):
        handle.shutdown(socket.SHUT_RDWR)


def _exchange(
    target: Target, plain: socket.socket, body: bytes, headers: Mapping[str, str]
) -> tuple[int, str]:
    plain.settimeout(WHOLE_SECONDS)
    connection = http.client.HTTPConnection(target.host, target.port)
    connection.sock = (
        ssl.create_default_context().wrap_socket(plain, server_hostname=target.host)
        if target.secure
        else plain
    )
    host = f"[{target.host}]" if ":" in target.host else target.host
    usual = target.port == PORTS["https" if target.secure else "http"]
    named = {"Host": host if usual else f"{host}:{target.port}", "Connection": "close", **headers}
    try:
        connection.request("POST", target.path, body=body, headers=named)
        answer = connection.getresponse()
        text = answer.read(READ_BYTES)
    finally:
        connection.close()
    return answer.status, text.decode("utf-8", "replace").replace("\x00", "")[:EXCERPT]


def _why(error: OSError | http.client.HTTPException, *, late: bool) -> str:
    if late or isinstance(error, TimeoutError):
        return f"No whole answer came within {WHOLE_SECONDS:.0f} seconds."
    if isinstance(error, ssl.SSLError):
        why = str(getattr(error, "verify_message", "") or error.reason).rstrip(".")
        return f"The connection cannot be trusted: {why}."
    return "The receiver broke off without an answer."
