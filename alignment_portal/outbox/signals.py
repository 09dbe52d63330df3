"""Sent after the transaction that announced events has committed; the roof listens and dispatches."""

from django.dispatch import Signal

committed = Signal()
