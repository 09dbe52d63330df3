"""A reading entered by hand, and a file of them."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from metrics.models import Metric


class ReadingForm(forms.Form):
    period_start = forms.DateField(label=_("From"), widget=forms.DateInput(attrs={"type": "date"}))
    period_end = forms.DateField(
        label=_("To"),
        help_text=_(
            "The last day of the period. A second value for the same period corrects the first, which is kept."
        ),
        widget=forms.DateInput(attrs={"type": "date"}),
    )
    value = forms.FloatField(label=_("Value"), required=False)
    numerator = forms.FloatField(label=_("Or numerator"), required=False)
    denominator = forms.FloatField(label=_("Denominator"), required=False)
    sample_size = forms.IntegerField(label=_("Cases"), required=False, min_value=0)
    spread = forms.FloatField(label=_("Standard deviation between cases"), required=False, min_value=0)
    segment = forms.CharField(
        label=_("Segment"),
        required=False,
        max_length=64,
        help_text=_("Such as treated or control; empty for all."),
    )
    source = forms.CharField(label=_("Where does it come from?"), required=False, max_length=200)

    def __init__(self, *args: Any, metric: Metric, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.metric = metric
        unit = self.fields["value"]
        unit.unit = metric.unit  # type: ignore[attr-defined]  # read by parts/field.html

    def row(self) -> dict[str, Any]:
        """As `record_observations` takes it: what was left empty is left out."""
        given = {name: value for name, value in self.cleaned_data.items() if value not in (None, "")}
        days = {name: given[name].isoformat() for name in ("period_start", "period_end")}
        return {
            **given,
            **days,
            "initiative": self.metric.initiative.key,
            "metric": self.metric.code,
            "source": given.get("source", "entered by hand"),
        }


class UploadForm(forms.Form):
    file = forms.FileField(
        label=_("A CSV or XLSX file"),
        help_text=_("Up to 10,000 rows. The first row names the columns."),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.xlsx"}),
    )


class ImportForm(forms.Form):
    rows = forms.CharField(widget=forms.HiddenInput)
