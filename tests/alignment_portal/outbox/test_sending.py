"""What goes out goes to where it was judged to go, once, and never into a network nobody named."""

import socket
import time
from ipaddress import ip_network
from threading import Thread

import pytest

from alignment_portal.outbox import sending
from alignment_portal.outbox.sending import Unsent, post, target_of
from tests.alignment_portal.outbox.receiver import LOOPBACK, receiving

PRIVATE = [
    "127.0.0.1",
    "127.1.2.3",
    "10.0.0.1",
    "172.16.0.1",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",  # noqa: S104 — compared, not bound
    "224.0.0.1",
    "255.255.255.255",
    "240.0.0.1",
    "192.0.2.1",
    "[::1]",
    "[::]",
    "[fe80::1]",
    "[fc00::1]",
    "[ff02::1]",
    "[::ffff:127.0.0.1]",
    "[::ffff:10.0.0.1]",
    "[2002:7f00:1::]",
    "[64:ff9b::a9fe:a9fe]",
    "[2001:0:4136:e378:8000:63bf:3fff:fdd2]",
]


@pytest.fixture
def named(settings):
    settings.WEBHOOK_NETWORKS = LOOPBACK


@pytest.mark.parametrize("host", PRIVATE)
def test_an_address_in_a_private_network_is_refused(host):
    with pytest.raises(Unsent, match="private network"):
        target_of(f"https://{host}/hook")


@pytest.mark.parametrize("host", ["8.8.8.8", "[2606:4700:4700::1111]", "hooks.example.org"])
def test_an_address_in_the_open_is_taken(host):
    assert target_of(f"https://{host}/a?b=1").path == "/a?b=1"


@pytest.mark.parametrize(
    "url",
    [
        "ftp://example.org/",
        "file:///etc/passwd",
        "//example.org",
        "https://",
        "https://u:p@example.org/",
        "https://example.org/#part",
        "https://example.org/a b",
        "https://example.org/\r\nX: y",
        "https://exämple.org/",
        "https://example.org:99999/",
        "https://[::1/",
        "javascript:alert(1)",
    ],
)
def test_what_is_no_address_to_send_to_is_refused(url):
    with pytest.raises(Unsent):
        target_of(url)


@pytest.mark.parametrize("given", ["127.0.0.1", "::1", "10.1.2.3", "::ffff:169.254.169.254"])
def test_a_name_that_leads_into_a_private_network_is_refused(monkeypatch, given):
    answers(monkeypatch, ["93.184.216.34", given])
    with pytest.raises(Unsent, match="private network"):
        post("https://rebound.example.org/", b"{}", {})


def answers(monkeypatch, addresses):
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in addresses]
    monkeypatch.setattr(sending.socket, "getaddrinfo", lambda *a, **k: found)


def test_over_the_open_network_only_https_is_sent(monkeypatch):
    answers(monkeypatch, ["93.184.216.34"])
    with pytest.raises(Unsent, match="https only"):
        post("http://hooks.example.org/", b"{}", {})


def test_the_connection_goes_to_the_address_that_was_judged(monkeypatch, named):
    asked = []
    with receiving() as receiver:
        port = int(receiver.url.split(":")[2].split("/")[0])

        def resolve(host, *more, **kw):
            asked.append(host)
            address = "127.0.0.1" if len(asked) == 1 else "10.0.0.1"
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

        monkeypatch.setattr(sending.socket, "getaddrinfo", resolve)
        monkeypatch.setattr(sending.socket, "create_connection", connected)
        assert post(f"http://twice.example.org:{port}/", b"{}", {}).status == 204
        assert receiver.came[0][1]["Host"] == f"twice.example.org:{port}"
    assert asked == ["twice.example.org"]


def connected(place, timeout):
    """As socket.create_connection, which would resolve again: the place must be an address already."""
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    found.settimeout(timeout)
    found.connect(place)
    return found


def test_a_named_network_is_reached_and_its_neighbours_are_not(settings):
    settings.WEBHOOK_NETWORKS = [ip_network("10.20.0.0/16")]
    assert target_of("http://10.20.3.4/").host == "10.20.3.4"
    assert target_of("http://[::ffff:10.20.3.4]/").host == "::ffff:10.20.3.4"
    with pytest.raises(Unsent, match="private network"):
        target_of("http://10.21.3.4/")


def test_a_redirect_is_not_followed(named):
    with receiving() as second, receiving(status=302, headers={"Location": second.url}) as first:
        assert post(first.url, b"{}", {}).status == 302
        assert second.came == []


def test_proxies_of_the_environment_are_not_asked(monkeypatch, named):
    with receiving() as proxy, receiving() as receiver:
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        assert post(receiver.url, b"{}", {}).status == 204
        assert (len(proxy.came), len(receiver.came)) == (0, 1)


def test_a_long_answer_is_cut(named):
    with receiving(status=200, body=b"x" * 1_000_000) as receiver:
        assert post(receiver.url, b"{}", {}).excerpt == "x" * 1000


def test_a_receiver_that_drips_is_hung_up_on(named, monkeypatch):
    monkeypatch.setattr(sending, "WHOLE_SECONDS", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        Thread(target=drip, args=(listener,), daemon=True).start()
        begun = time.monotonic()
        with pytest.raises(Unsent, match="No whole answer"):
            post(f"http://127.0.0.1:{listener.getsockname()[1]}/", b"{}", {})
        assert time.monotonic() - begun < 3


def drip(listener):
    found, _ = listener.accept()
    with found:
        for _ in range(100):
            try:
                found.sendall(b"H")
            except OSError:
                return
            time.sleep(0.1)


def test_a_receiver_that_answers_nonsense_is_told_of_in_words(named):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        Thread(target=nonsense, args=(listener,), daemon=True).start()
        with pytest.raises(Unsent, match="broke off"):
            post(f"http://127.0.0.1:{listener.getsockname()[1]}/", b"{}", {})


def nonsense(listener):
    found, _ = listener.accept()
    with found:
        found.recv(1000)
        found.sendall(b"\x00\x01nonsense\r\n\r\n")


def test_nobody_at_the_port_is_told_of_in_words(named):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    with pytest.raises(Unsent, match="Nothing answers"):
        post(f"http://127.0.0.1:{port}/", b"{}", {})


def test_a_certificate_of_nobodys_making_is_not_trusted(named):
    with receiving() as receiver, pytest.raises(Unsent, match=r"broke off|cannot be trusted"):
        post(receiver.url.replace("http://", "https://"), b"{}", {})


@pytest.mark.parametrize("host", ["192.0.0.8", "192.88.99.1", "[fec0::1]", "[3fff::1]", "[5f00::1]"])
def test_an_address_for_special_purposes_is_refused(host):
    with pytest.raises(Unsent, match="private network"):
        target_of(f"https://{host}/hook")


@pytest.mark.parametrize(
    "host", ["2130706433", "0177.0.0.1", "0x7f.1", "127.1", "127.0.0.1.", "....", "-a.org", f"{'a' * 64}.org"]
)
def test_a_host_that_is_neither_a_name_nor_a_usual_address_is_refused(host):
    with pytest.raises(Unsent, match="no name of a machine"):
        target_of(f"https://{host}/hook")


@pytest.mark.parametrize(
    "host", ["localhost", "hooks.example.org.", "xn--bcher-kva.example", "10.in-addr", "a_b.c"]
)
def test_a_name_is_taken(host):
    assert target_of(f"https://{host}/hook").host == host


def test_port_0_is_refused():
    with pytest.raises(Unsent, match="port 0"):
        target_of("https://hooks.example.org:0/hook")
