"""How far a rendering has come, from what WeasyPrint writes in its log; a page count is not known before the end."""

import logging
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Progress = Callable[[str, int], None]
STEPS = {
    "Step 1": ("Reading the pack", 10),
    "Step 3": ("Applying the look", 15),
    "Step 4": ("Setting the words", 25),
    "Step 5": ("Laying out the pages", 35),
    "Step 6": ("Writing the PDF", 80),
    "Step 7": ("Attaching dossier and verdict", 92),
}
PAGE = re.compile(r"Page (\d+)")
EVERY = 5  # pages
MOST_OF_LAYOUT = 40


def silent(_step: str, _percent: int) -> None:
    """For those who do not wait."""


def nobody_else() -> int:
    return 0


class Listener(logging.Handler):
    """Passes on the steps of the rendering that runs in this very thread; each step once, every fifth page.

    `beside` answers how many pages others have laid out meanwhile.
    """

    def __init__(self, progress: Progress, beside: Callable[[], int] = nobody_else) -> None:
        super().__init__(logging.INFO)
        self.progress, self.beside = progress, beside
        self.thread, self.last, self.percent, self.pages = threading.get_ident(), "", 0, 0

    def emit(self, record: logging.LogRecord) -> None:
        said = record.getMessage()
        known = STEPS.get(said[:6])
        if known is None or record.thread != self.thread:
            return
        step, percent = known
        page = PAGE.search(said)
        if page and int(page[1]) % EVERY == 0:
            # Pages are laid out more than once, until their numbers hold.
            self.pages = max(self.pages, int(page[1]))
            pages = self.pages + self.beside()
            step, percent = f"{step}, {pages} so far", percent + min(MOST_OF_LAYOUT, pages)
        elif page:
            return
        # Never tell of a step back.
        if step != self.last and percent > self.percent:
            self.last, self.percent = step, percent
            self.progress(step, percent)


@contextmanager
def heard(progress: Progress, beside: Callable[[], int] = nobody_else) -> Iterator[Listener]:
    logger, listener = logging.getLogger("weasyprint.progress"), Listener(progress, beside)
    logger.addHandler(listener)
    try:
        yield listener
    finally:
        logger.removeHandler(listener)
