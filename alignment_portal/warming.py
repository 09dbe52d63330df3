"""Loading the statistics where verdicts are computed, before somebody waits for one. Commands do without it."""


def warm_up() -> None:
    import statsmodels.stats.api  # noqa: F401, PLC0415 — slow import
