"""The judge: what the policy allows an initiative to do, computed from facts. Pure; the package's public face."""

from gates.engine.evaluation import evaluate
from gates.engine.explanation import Explanation, ShortAnswer, explain
from gates.engine.facts import Facts
from gates.engine.loading import PolicyFault, PolicyFaults, load_policy
from gates.engine.policy import Gate, Policy, Rule
from gates.engine.standing import gate_fingerprint
from gates.engine.verdict import Finding, Item, NextMove, Verdict

__all__ = [
    "Explanation",
    "Facts",
    "Finding",
    "Gate",
    "Item",
    "NextMove",
    "Policy",
    "PolicyFault",
    "PolicyFaults",
    "Rule",
    "ShortAnswer",
    "Verdict",
    "evaluate",
    "explain",
    "gate_fingerprint",
    "load_policy",
]
