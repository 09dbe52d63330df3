"""Rows of the register, by an executive."""

from portfolio.services import register_bottleneck, register_dependency
from tests.people import actor


def dependency(code="decision-log", **values):
    given = {"title": "Decision log", "kind": "platform", **values}
    return register_dependency(by=actor("executive"), code=code, **given)


def bottleneck(code="legal", **values):
    given = {"title": "Legal", "people": 1, "cap": 2, **values}
    return register_bottleneck(by=actor("executive"), code=code, **given)
