from alignment_portal.actions import ActionWords


class Actions(ActionWords):
    WEBHOOK_OPENED = (
        "outbox.webhook.open",
        "webhook opened",
        "{actor} opened the webhook “{webhook}” for {subject}",
    )
    WEBHOOK_CHANGED = "outbox.webhook.change", "webhook changed", "{actor} changed the webhook “{webhook}”"
    WEBHOOK_STARTED = "outbox.webhook.start", "webhook started", "{actor} started the webhook “{webhook}”"
    WEBHOOK_STOPPED = (
        "outbox.webhook.stop",
        "webhook stopped",
        "{actor} stopped the webhook “{webhook}”: {reason}",
    )
    WEBHOOK_RETIRED = "outbox.webhook.retire", "webhook removed", "{actor} removed the webhook “{webhook}”"
    SECRET_ROTATED = (  # the name of a deed, not a secret
        "outbox.webhook.rotate",
        "webhook secret replaced",
        "{actor} replaced the secret of the webhook “{webhook}”",
    )
    DELIVERY_REPLAYED = (
        "outbox.delivery.replay",
        "event sent again",
        "{actor} sent {event} to the webhook “{webhook}” again",
    )
