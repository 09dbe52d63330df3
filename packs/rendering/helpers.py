"""Processes that lay out the further parts of a pack while this one lays out the first.

A helper lives no longer than the build: it is ended with it, whatever ends it, and ends itself when nobody listens any more.
"""

import subprocess
import sys
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from multiprocessing import connection
from multiprocessing.connection import Connection
from typing import TypeVar

from packs.rendering import messages
from packs.rendering.cutting import Part
from packs.rendering.library import ROOT, CannotRender
from packs.rendering.numbering import Place

Kind = TypeVar("Kind", messages.Counted, messages.Found, messages.Made)


class LostHelper(CannotRender):
    """A helper is gone before its part was done: killed, or out of memory. Trying again may well succeed."""


class Helper:
    """One other process, and the line to it."""

    def __init__(self, process: "subprocess.Popen[bytes]", line: "Connection[bytes, bytes]") -> None:
        self.process, self.line = process, line
        self.pages = 0
        self.before = 0
        self.waiting: deque[messages.Message] = deque()

    @classmethod
    def start(cls) -> "Helper":
        ours, theirs = connection.Pipe()
        with theirs:
            try:
                process = subprocess.Popen(  # noqa: S603 — our own module, and a number
                    [sys.executable, "-m", "packs.rendering", str(theirs.fileno())],
                    cwd=ROOT,
                    pass_fds=[theirs.fileno()],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    # A key pressed at the terminal is for this process, which then ends or waits for its helpers.
                    process_group=0,
                )
            except OSError as error:
                ours.close()
                raise LostHelper(f"No other process could be started to help ({error.strerror}).") from error
        return cls(process, ours)

    def stop(self) -> None:
        self.line.close()
        self.process.kill()
        self.process.wait()

    def send(self, message: messages.Message) -> None:
        try:
            self.line.send_bytes(messages.encode(message))
        except OSError:
            raise self._lost() from None

    def expect(self, kind: type[Kind]) -> Kind:
        """The next message of that kind; waits for it. Raises what went wrong with the part instead."""
        while True:
            message = self.waiting.popleft() if self.waiting else self._received()
            if isinstance(message, kind):
                return message
            if isinstance(message, messages.Failed):
                if message.of_memory:
                    raise MemoryError(message.fault)
                raise CannotRender(message.fault)

    def listen(self) -> int:
        """How many pages it has laid out; waits for nothing."""
        try:
            while self.line.poll():
                self.waiting.append(self._received())
        except LostHelper:
            # Told by whoever waits for what the helper owes.
            pass
        return self.pages

    def _received(self) -> messages.Message:
        try:
            message = messages.decode(self.line.recv_bytes())
        except (EOFError, OSError):
            raise self._lost() from None
        if isinstance(message, messages.LaidOut):
            self.pages = message.pages
        return message

    def _lost(self) -> LostHelper:
        self.process.kill()
        ended = self.process.wait()
        return LostHelper(
            f"A process that laid out a part of the pack was lost (it ended with {ended}). See the worker's log."
        )


@contextmanager
def helped(parts: Sequence[Part], moment: datetime) -> Iterator[tuple[Helper, ...]]:
    """A helper at work for each part but the first."""
    helpers: list[Helper] = []
    try:
        for _ in parts[1:]:
            helpers.append(Helper.start())  # noqa: PERF401 — those that started are ended if the next does not
        for number, (helper, part) in enumerate(zip(helpers, parts[1:], strict=True), start=1):
            helper.send(messages.Task(part.html, part.elsewhere, number, moment))
        yield tuple(helpers)
    finally:
        for helper in helpers:
            helper.stop()


class FirstDesk:
    """The desk of the first part, in this process: it hands out the places of all."""

    def __init__(self, part: Part, helpers: Sequence[Helper]) -> None:
        self.part, self.helpers = part, helpers
        self.total = 0
        self.anchors: dict[str, int] | None = None

    def place(self, pages: int) -> Place:
        counts = [pages, *(helper.expect(messages.Counted).pages for helper in self.helpers)]
        self.total = sum(counts)
        before = 0
        for helper, earlier in zip(self.helpers, counts, strict=False):
            before += earlier
            helper.send(messages.Placed(Place(before, self.total)))
        return Place(0, self.total)

    def found(self, anchors: Mapping[str, int]) -> None:
        """Nobody else asks for pages of the first part."""

    def page_of(self, number: int) -> int:
        if self.anchors is None:
            self.anchors = {}
            for helper in self.helpers:
                for name, page in helper.expect(messages.Found).anchors.items():
                    self.anchors.setdefault(name, page)
        return self.anchors[self.part.elsewhere[number]]
