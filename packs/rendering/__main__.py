"""A helper: lays out one part of a pack for the process that started it. `python -m packs.rendering NUMBER`.

The number is that of the socket it inherited. It knows no database and no settings, and ends when the line is closed.
"""

import gc
import os
import queue
import signal
import sys
import threading
from collections.abc import Mapping
from multiprocessing.connection import Connection

from packs.rendering import messages
from packs.rendering.cutting import Part
from packs.rendering.laying import FAULTS, write_part
from packs.rendering.library import date_of
from packs.rendering.numbering import Place
from packs.rendering.progress import heard, silent

NOBODY_LISTENS = 70


class Line:
    """The line to the process that started this one, and so the desk of a part."""

    def __init__(self, line: "Connection[bytes, bytes]") -> None:
        self.line = line
        self.inbox: queue.SimpleQueue[messages.Message] = queue.SimpleQueue()

    def listen(self) -> None:
        """Until the line is closed; then nobody wants the part, however far it has come."""
        try:
            while True:
                self.inbox.put(messages.decode(self.line.recv_bytes()))
        except (EOFError, OSError):
            os._exit(NOBODY_LISTENS)

    def send(self, message: messages.Message) -> None:
        self.line.send_bytes(messages.encode(message))

    def place(self, pages: int) -> Place:
        self.send(messages.Counted(pages))
        answer = self.inbox.get()
        assert isinstance(answer, messages.Placed)  # noqa: S101 — nothing else is sent to a helper
        return answer.place

    def found(self, anchors: Mapping[str, int]) -> None:
        self.send(messages.Found(dict(anchors)))

    def page_of(self, number: int) -> int:
        raise AssertionError(f"Only the first part has contents, and no number {number}.")


def serve(line: Line) -> None:
    task = line.inbox.get()
    assert isinstance(task, messages.Task)  # noqa: S101 — the first thing a helper is sent
    part = Part(task.html, task.elsewhere)
    try:
        with date_of(task.moment), heard(silent) as listener:
            listener.progress = lambda _step, _percent: line.send(messages.LaidOut(listener.pages))
            made = write_part(part, task.number, desk=line, moment=task.moment)
        line.send(messages.Made(made.body, made.refused))
    except MemoryError:
        line.send(messages.Failed("a helper ran out of memory", of_memory=True))
    except FAULTS as error:
        line.send(messages.Failed(f"The pages could not be laid out ({type(error).__name__}: {error})."))


def main() -> None:
    # Whoever asks the worker to stop, lets it finish; the closed line ends a helper.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    # For the whole life of a helper, which is short; see `collector_paused`.
    gc.disable()
    line = Line(Connection(int(sys.argv[1])))
    threading.Thread(target=line.listen, daemon=True).start()
    serve(line)


if __name__ == "__main__":
    main()
