"""Log records as one JSON object a line, each with the id of its request or job and of who acts; no names, no e-mails."""

import logging
import re
from contextvars import ContextVar
from typing import Any

import structlog
from structlog.typing import EventDict, Processor

from alignment_portal.message_ids import number_in

request_id: ContextVar[str] = ContextVar("request_id", default="")


# The address of a calendar is its key: 43 letters, told nowhere, however it was asked for and whoever writes the line.
_KEY = re.compile(r"(/calendar/)[A-Za-z0-9_-]{20,}")


def without_keys(text: str) -> str:
    return _KEY.sub(r"\1<str:key>", text)


def _id_for(record: object) -> str:
    """Of the request that is being answered, or that was: the framework tells of a refusal after the answer has left us."""
    return request_id.get() or getattr(getattr(record, "request", None), "request_id", "")


class RequestIdFilter(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        record.request_id = _id_for(record) or "-"
        return True


class CallersFaultFilter(logging.Filter):
    """What a caller got wrong, such as the name of the host, is one warning: where we noticed it tells nobody anything."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.startswith("django.security."):
            record.levelno, record.levelname = logging.WARNING, "WARNING"
            record.exc_info = record.exc_text = None
        return True


def _with_request(_logger: Any, _method: str, event: EventDict) -> EventDict:
    if found := _id_for(event.get("_record")):
        event["request_id"] = found
    return event


def _with_extra(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """What our own records carry beside their words, under `figures`."""
    record = event.get("_record")
    event.update(getattr(record, "figures", {}))
    return event


def _with_job(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """Celery speaks of a message before its job is begun and after it has ended, when nothing else names the job."""
    told = getattr(event.get("_record"), "data", None)
    if isinstance(told, dict) and {"id", "name"} <= set(told):
        event.setdefault("task", told["name"])
        event.setdefault("job_id", number_in(told["id"]))
        event.setdefault("message_id", told["id"])
    return event


_SHARED: tuple[Processor, ...] = (
    structlog.contextvars.merge_contextvars,
    _with_request,
    _with_extra,
    _with_job,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
)


class TextFormatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return without_keys(super().format(record))


class JsonFormatter(structlog.stdlib.ProcessorFormatter):
    def __init__(self, *_args: Any, **_kwargs: Any) -> None:
        super().__init__(
            foreign_pre_chain=list(_SHARED),
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                structlog.processors.EventRenamer("message"),
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )

    def format(self, record: logging.LogRecord) -> str:
        return without_keys(super().format(record))
