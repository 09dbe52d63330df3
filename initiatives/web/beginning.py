"""The first form of an initiative: five questions of the dossier, in its own words."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from initiatives.dossier.initiative import Initiative
from initiatives.web.fields import Known, form_field, stored_value
from initiatives.web.questions import asked_by

ASKED = ("title", "summary", "archetype", "horizon", "sponsor", "planned_launch_on")


class BeginForm(forms.Form):
    different = forms.BooleanField(
        required=False, label=_("It is a different initiative"), widget=forms.CheckboxInput
    )

    field_order = (*ASKED, "different")

    def __init__(self, *args: Any, known: Known, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.questions = {name: asked_by(Initiative).question(name) for name in ASKED}
        for name, question in self.questions.items():
            self.fields[name] = form_field(question, known, None)
            self.fields[name].initial = question.default
        self.order_fields(self.field_order)

    def answers(self) -> dict[str, Any]:
        return {
            name: stored_value(question, self.cleaned_data[name]) for name, question in self.questions.items()
        }
