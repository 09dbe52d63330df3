"""The guards of what is measured: readings, results and acknowledgements only grow."""

from alignment_portal.audit.triggers import append_only, register

for _table, _unique in {
    "metrics_observation": (
        ("id",),
        ("metric_id", "segment", "deployment", "period_start", "period_end", "revision"),
    ),
    "metrics_driftreading": (("id",), ("metric_id", "deployment", "period_start", "period_end", "revision")),
    "metrics_metricresult": (("id",),),
    "metrics_acknowledgement": (("id",),),
}.items():
    register(*append_only(_table, unique=_unique))
