"""Traces for those who keep them: on only where TRACES_URL says where they go."""

import logging

from django.conf import settings

logger = logging.getLogger(__name__)


def start(service: str) -> bool:
    """Trace requests, jobs and statements of this process; answers whether it does."""
    if not settings.TRACES_URL:
        return False
    from opentelemetry import trace  # noqa: PLC0415 — optional dependency
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415 — optional dependency
        OTLPSpanExporter,
    )
    from opentelemetry.sdk.resources import Resource  # noqa: PLC0415 — optional dependency
    from opentelemetry.sdk.trace import TracerProvider  # noqa: PLC0415 — optional dependency
    from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415 — optional dependency

    from alignment_portal.operations import spans  # noqa: PLC0415 — optional dependency

    provider = TracerProvider(resource=Resource.create({"service.name": service}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=settings.TRACES_URL)))
    trace.set_tracer_provider(provider)
    spans.instrument(provider)
    logger.info("Traces of %s go to %s.", service, settings.TRACES_URL)
    return True
