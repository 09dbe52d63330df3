"""What accounts tells the storeys above it, which it may not import.

The audit trail and the outbox listen inside the same transaction; if either fails, so does the change.
"""

from django.dispatch import Signal

# Sent with by, action, subject, before, after, reason, email (of the person changed, or "").
account_changed = Signal()
