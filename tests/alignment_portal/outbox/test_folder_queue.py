"""The queue of files of the embedded portal: whatever lies in its folders, the messages behind it are read."""

import pytest
from kombu import Connection
from kombu.transport.virtual import BrokerState

from alignment_portal.outbox.folder_queue import Transport

QUEUE = "portal"


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "queue"


@pytest.fixture
def channel(folder, monkeypatch):
    options = {
        "data_folder_in": str(folder / "messages"),
        "data_folder_out": str(folder / "messages"),
        "control_folder": str(folder / "control"),
    }
    monkeypatch.setattr(
        Transport, "global_state", BrokerState()
    )  # else one test's bindings are the next one's
    with Connection("filesystem://localhost", transport_options=options) as connection:
        yield connection.default_channel


def publish(channel, text):
    channel.queue_declare(QUEUE)
    message = channel.prepare_message(text, content_type="text/plain", content_encoding="utf-8")
    channel.basic_publish(message, exchange=QUEUE, routing_key=QUEUE)


def bind(channel):
    channel.exchange_declare(QUEUE, "direct")
    channel.queue_declare(QUEUE)
    channel.queue_bind(QUEUE, QUEUE, QUEUE)


def texts(channel):
    found = []
    while message := channel.basic_get(QUEUE, no_ack=True):
        found.append(message.decode())
    return found


def test_ours_is_the_queue_that_the_portal_uses(channel):
    assert isinstance(channel.connection, Transport)


def test_messages_are_read_in_their_order(channel, folder):
    bind(channel)
    sent = [str(number) for number in range(20)]
    for text in sent:
        publish(channel, text)
    assert texts(channel) == sent
    assert list((folder / "messages").iterdir()) == []


def test_messages_of_one_moment_are_read_in_their_order(channel, monkeypatch):
    monkeypatch.setattr("alignment_portal.outbox.folder_queue.time_ns", lambda: 1_700_000_000_000_000_000)
    bind(channel)
    sent = [str(number) for number in range(20)]
    for text in sent:
        publish(channel, text)
    assert texts(channel) == sent


BROKEN = [
    b"",
    b"junk",
    b"\x00" * 100,
    b"\xff\xfe",
    b"[" * 100_000,
    b"[]",
    b'{"body": "x"}',
    b'{"body": "x", "headers": {}, "properties": {}, "content-type": "", "content-encoding": ""}',
]


@pytest.mark.parametrize("broken", BROKEN)
def test_a_file_that_is_no_message_is_left_out_and_the_next_one_read(channel, folder, broken):
    bind(channel)
    place = folder / "messages" / f"0_first.{QUEUE}.msg"
    place.write_bytes(broken)
    publish(channel, "next")
    assert texts(channel) == ["next"]
    assert list(place.parent.iterdir()) == []


@pytest.mark.parametrize("broken", [b"", b"junk", b"3", b"[1]", None])
def test_a_table_that_is_broken_or_gone_is_written_anew(channel, folder, broken):
    bind(channel)
    table = folder / "control" / f"{QUEUE}.exchange"
    assert table.exists()
    if broken is None:
        table.unlink()
    else:
        table.write_bytes(broken)
    publish(channel, "sent")
    assert texts(channel) == ["sent"]
    table.write_bytes(broken or b"")
    bind(channel)
    publish(channel, "sent after a start")
    assert texts(channel) == ["sent after a start"]


def test_folders_that_are_gone_are_made_anew(channel, folder):
    bind(channel)
    for part in ("messages", "control"):
        for path in (folder / part).glob("*"):
            path.unlink()
        if (folder / part).exists():
            (folder / part).rmdir()
    publish(channel, "sent")
    assert texts(channel) == ["sent"]


def test_a_message_that_cannot_be_written_whole_does_not_appear(channel, folder, monkeypatch):
    bind(channel)

    def full(*_args, **_more):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("pathlib.Path.write_text", full)
    with pytest.raises(Exception, match="cannot be kept"):
        publish(channel, "lost")
    assert texts(channel) == []
