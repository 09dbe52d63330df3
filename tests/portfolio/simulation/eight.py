"""The portfolio of eight initiatives that the worked figures were computed for (money in k€ a week)."""

from portfolio.simulation import Function, Initiative, Portfolio, SharedDependency, Task

_EIGHT = {
    "I1": (42, "Legal 8, DataEng 15, Security 6, ModelRisk 5 EVAL, Change 10"),
    "I2": (65, "DataEng 25, Legal 12 RIGHTS, ModelRisk 20 LOG, Security 6, Change 15"),
    "I3": (9, "Legal 6, Security 8, Change 6"),
    "I4": (38, "DataEng 18, ModelRisk 6, Change 8"),
    "I5": (55, "Legal 10 RIGHTS, DataEng 20, Security 10, ModelRisk 12 LOG EVAL, Change 12"),
    "I6": (48, "DataEng 14, ModelRisk 10 LOG, Change 6"),
    "I7": (14, "Legal 7, Security 4, Change 4"),
    "I8": (30, "Legal 9 RIGHTS, DataEng 16, ModelRisk 14 LOG, Change 9"),
}


def _task(text):
    function, days, *needs = text.split()
    return Task(function, float(days), tuple(needs))


EIGHT = Portfolio(
    functions={
        "Legal": Function(1, fresh_days=90),
        "Security": Function(1, fresh_days=120),
        "DataEng": Function(2),
        "ModelRisk": Function(1, fresh_days=90),
        "Change": Function(1),
    },
    dependencies={
        "LOG": SharedDependency(40, funded=False),
        "EVAL": SharedDependency(30, owned=False),
        "RIGHTS": SharedDependency(25, owned=False),
    },
    initiatives={
        code: Initiative(cost, tuple(_task(text) for text in tasks.split(", ")))
        for code, (cost, tasks) in _EIGHT.items()
    },
)
