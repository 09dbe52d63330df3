"""How a message to the queue names the job it speaks of."""

_PREFIX = "job-"


def numbered(job_id: int) -> str:
    """The id of every message about a job."""
    return f"{_PREFIX}{job_id}"


def number_in(task_id: str | None) -> int | None:
    """The job a message speaks of; None for what beat or a person sent without a row."""
    text = (task_id or "").removeprefix(_PREFIX)
    return int(text) if task_id and task_id.startswith(_PREFIX) and text.isdigit() else None
