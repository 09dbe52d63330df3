"""The promises of tests/conftest.py."""

import socket

import pytest


def test_a_test_cannot_leave_this_machine():
    with pytest.raises(RuntimeError, match="tests talk to this machine only"):
        socket.create_connection(("198.51.100.7", 80), timeout=1)


def test_a_test_cannot_resolve_a_foreign_name():
    with pytest.raises(RuntimeError, match=r"A test tried to reach elsewhere\.example"):
        socket.getaddrinfo("elsewhere.example", 443)


def test_a_test_may_talk_to_itself():
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as client,
    ):
        assert client.getpeername() == server.getsockname()


def test_a_test_without_database_is_marked_unit(request):
    assert request.node.get_closest_marker("unit") is not None
