"""The policy as it stands in the tree, read once."""

from functools import cache
from pathlib import Path

from gates.engine import load_policy

PATH = Path(__file__).parents[3] / "gates" / "policies" / "2026.1.toml"


@cache
def text():
    return PATH.read_text()


@cache
def policy():
    return load_policy(text(), PATH.name)
