"""The queue of the embedded portal, a folder with a file for each message, that no broken file brings down.

The library writes a message where it is read and stops the worker over one that is cut off, as by a full disk or
a kill. Here a message appears whole or not at all, and what cannot be read is left out: the row of its job is the
truth, and is told again.
"""

import logging
import uuid
from itertools import count
from pathlib import Path
from time import time_ns
from typing import Any

from django.conf import settings
from kombu.exceptions import ChannelError
from kombu.transport import filesystem, virtual
from kombu.utils.json import dumps

logger = logging.getLogger(__name__)
SENT = count()  # by this process: the clock may tell two messages the same time
PARTS = frozenset({"body", "headers", "properties", "content-type", "content-encoding"})


class Channel(filesystem.Channel):
    @property
    def data_folder_in(self) -> str:
        """Made anew where somebody took it away."""
        folder = Path(self.transport_options["data_folder_in"])
        folder.mkdir(parents=True, exist_ok=True)
        return str(folder)

    @property
    def data_folder_out(self) -> str:
        return self.data_folder_in

    def _put(self, queue: str, payload: Any, **_: Any) -> None:  # type: ignore[override]  # as the library's own
        folder = Path(self.data_folder_out)
        name = f"{time_ns()}_{next(SENT):010d}_{uuid.uuid4()}"  # read in this order
        half = folder / f"{name}.half"
        try:
            half.write_text(dumps(payload), "utf-8")
            half.replace(folder / f"{name}.{queue}.msg")
        except OSError as error:
            half.unlink(missing_ok=True)
            sentence = f"A message cannot be kept in {folder}."
            raise ChannelError(sentence) from error

    def _get(self, queue: str) -> Any:  # type: ignore[override]  # as the library's own
        while True:  # what was looked at has been taken out of the folder
            try:
                message = super()._get(queue)
            except (ValueError, RecursionError) as error:
                logger.warning("A message of the queue cannot be read and is left out: %s", error)
                continue
            if _is_whole(message):
                return message
            logger.warning("A message of the queue is none of ours and is left out.")

    def get_table(self, exchange: str) -> Any:
        """Which queue gets what; written anew where the file is gone or broken, for everything goes to one queue."""
        try:
            table = super().get_table(exchange)
        except (ValueError, TypeError) as error:
            logger.warning("The table of the queue cannot be read and is written anew: %s", error)
            self._forget_table(exchange)
            table = []
        if table or exchange != settings.CELERY_TASK_DEFAULT_QUEUE:
            return table
        self._queue_bind(exchange, exchange, "", exchange)
        return super().get_table(exchange)

    def _queue_bind(self, exchange: str, routing_key: str, pattern: str | None, queue: str) -> None:
        self.control_folder.mkdir(parents=True, exist_ok=True)
        try:
            super()._queue_bind(exchange, routing_key, pattern, queue)
        except (ValueError, TypeError):
            self._forget_table(exchange)
            super()._queue_bind(exchange, routing_key, pattern, queue)

    def _forget_table(self, exchange: str) -> None:
        (self.control_folder / f"{exchange}.exchange").unlink(missing_ok=True)


def _is_whole(message: Any) -> bool:
    if not isinstance(message, dict) or not message.keys() >= PARTS:
        return False
    properties = message["properties"]
    return (
        isinstance(properties, dict)
        and isinstance(properties.get("delivery_info"), dict)
        and "delivery_tag" in properties
    )


class Transport(filesystem.Transport):
    Channel = Channel
    global_state = virtual.BrokerState()
