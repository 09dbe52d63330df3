from alignment_portal.actions import ActionWords


class Actions(ActionWords):
    BACKED_UP = (
        "operations.backup.make",
        "backup made",
        "{actor} made a backup of {rows} rows and {files} files",
    )
    RESTORED = (
        "operations.backup.restore",
        "backup restored",
        "{actor} restored the backup of {made_at}, which ended at entry {anchor}",
    )
    JOB_RETRIED = "operations.job.retry", "job tried again", "{actor} had {subject} tried again"
    JOB_CANCELLED = "operations.job.cancel", "job cancelled", "{actor} cancelled {subject}"
    PERSON_EXPORTED = (
        "operations.person.export",
        "data of a person exported",
        "{actor} exported everything held about {subject}",
    )
    PERSON_ERASED = (
        "operations.person.erase",
        "person erased",
        "{actor} erased the person now called {subject}",
    )
    PORTFOLIO_IMPORTED = (
        "operations.portfolio.import",
        "portfolio brought in",
        "{actor} brought in a portfolio of {initiatives} initiatives and {people} people, file {fingerprint}",
    )
    PORTFOLIO_EXPORTED = (
        "operations.portfolio.export",
        "portfolio taken out",
        "{actor} wrote the whole portfolio into the file {fingerprint}",
    )
