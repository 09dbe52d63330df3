"""Which fields of a comparison plan each method asks for."""

from collections.abc import Mapping

_COMMON = frozenset(
    {
        "method", "measure", "primary", "unit_of_analysis", "population", "exclusions", "alpha", "power",
        "start_on", "end_on", "analysed_by", "frozen_on",
    }
)  # fmt: skip
_SERIES = frozenset(
    {
        "period_days", "periods_before", "periods_after", "cases_per_period", "autocorrelation", "launch_on",
        "ramp_periods", "co_interventions", "seasonality",
    }
)  # fmt: skip
_OF_METHOD: Mapping[str, frozenset[str]] = {
    "ab_test": frozenset(
        {
            "sample_per_arm", "unit_of_randomisation", "ratio", "assignment_log", "intention_to_treat",
            "cluster_size", "intracluster_correlation", "period_days", "cases_per_period",
        }
    ),
    "before_after": _SERIES | {"sample_per_arm"},
    "interrupted_time_series": _SERIES,
    "matched_cohorts": frozenset(
        {
            "sample_per_arm", "ratio", "matching_variables", "caliper", "index_date_rule", "history_weeks",
            "period_days", "cases_per_period",
        }
    ),
    "stepped_wedge": frozenset(
        {
            "clusters", "steps", "period_days", "cases_per_period", "random_order", "order_seed",
            "cluster_period_sd", "cluster_effect_sd", "intracluster_correlation", "contamination_rule",
            "cluster_size",
        }
    ),
}  # fmt: skip


def asked_for(name: str, method: str) -> bool:
    """Whether the plan of a method has this field; before a method is chosen, only what all of them ask."""
    return name in _COMMON or name in _OF_METHOD.get(method, frozenset())
