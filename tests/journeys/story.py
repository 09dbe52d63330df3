"""A package of a lender that is nowhere in the repository: built here, for the day on which it is told.

The document is the smallest that leaves nothing open (tests/gates/engine/dossiers.py), moved to the present and to
people and a key of its own.
"""

import datetime as dt
import json
import re

from tests.gates.engine.builders import CAST, LEVELS, NUMBERS, TODAY, WAVE
from tests.gates.engine.dossiers import at, document

KEY = "FRESH-0042"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
# People who review, beside those of the dossier: name → function. They submit nothing.
REVIEWERS = {"ann.legal": "legal", "ann.data": "data", "ann.security": "security", "ann.risk": "risk"}
ENDORSERS = {
    "data_rights": "ella.legal",
    "instrumentation": "eli.operations",
    "integration": "ed.technology",
    "governance": "eva.risk",
    "ownership": "eli.operations",
}
SEATS = {
    "bella.business": "business",
    "ella.legal": "risk_legal",
    "eli.operations": "operations",
    "ed.technology": "technology",
}


def moved(value, days):
    """The same value with every day in it later by so many days."""
    if isinstance(value, dict):
        return {name: moved(item, days) for name, item in value.items()}
    if isinstance(value, list):
        return [moved(item, days) for item in value]
    if isinstance(value, str) and _DAY.fullmatch(value):
        return str(dt.date.fromisoformat(value) + dt.timedelta(days=days))
    return value


def package(today):
    """The document, ending today."""
    told = moved(json.loads(json.dumps(document())), (today - TODAY).days)
    told["initiative"] |= {"key": KEY, "title": "Hardship requests", "team": [at("tim.technology")]}
    return told


def people():
    """Everybody with a role, as the API takes them."""
    for who, (name, role, function) in CAST.items():
        yield {"email": at(who), "name": name, "function": function}, {"role": role, "function": function}


def readings(today, weeks=12):
    """Weekly readings up to yesterday, one row each; drift comes as histograms."""
    rows = []
    for code, level in LEVELS.items():
        for back in range(weeks):
            end = today - dt.timedelta(days=1 + 7 * back)
            row = {
                "initiative": KEY,
                "metric": code,
                "period_start": str(end - dt.timedelta(days=6)),
                "period_end": str(end),
                "source": "warehouse",
            }
            rows.append(row | _numbers(level, WAVE[back % 12]))
    return [*rows, _drift(today)]


def _numbers(level, wave):
    if level > 1:
        return {"value": level + wave, "sample_size": 420}
    cases = 4200 if level > 0.9 else 420
    return {"numerator": round((level + wave * (0.3 if level > 0.9 else 1)) * cases), "denominator": cases}


def _drift(today):
    end = today - dt.timedelta(days=1)
    return {
        "initiative": KEY,
        "metric": "stability",
        "period_start": str(end - dt.timedelta(days=6)),
        "period_end": str(end),
        "histogram": {"expected": [2000, 3000, 3000, 2000], "actual": [410, 590, 610, 390]},
    }


def result(today):
    """What the trial showed: less handling time, no harm beyond the margins, in every third of its weeks."""
    guard = {
        "kind": "shares",
        "changed": {"events": 2380, "total": 20000},
        "comparison": {"events": 2400, "total": 20000},
    }
    return {
        "figures": {
            "kind": "means",
            "changed": {"mean": 10.1, "sd": 6.2, "n": 20000},
            "comparison": {"mean": 11.8, "sd": 6.2, "n": 20010},
        },
        "read_on": str(today - dt.timedelta(days=8)),
        "guards": [{"metric": code, "figures": guard} for code in ("repeat-contact", "complaints")],
        "periods": [{"effect": -1.7, "standard_error": 0.11} for _ in range(9)],
        "log_completeness": 0.995,
    }


def offer(question, today):
    """What is sent for one question of a gate, from what the gate itself says it asks."""
    body = {
        "question": question["code"],
        "kind": question["kinds"][0],
        "title": f"Proof for {question['code']}",
        "statement": "It shows what was asked.",
        "observed_on": str(today - dt.timedelta(days=10)),
        "measures": {asked["name"]: NUMBERS[asked["name"]] for asked in question["measures"]},
    }
    if question["each"] != "once":
        body["deployment"] = "leeds"
    if question["each"] == "added_control":
        body["control"] = "second-look"
    return body
