"""The shapes of what people send to the gates; the services judge what it means."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from gates.engine import Policy, Rule
from gates.engine.answers import bound_in_words
from gates.engine.policy import Evidenced
from gates.engine.view import View
from gates.engine.words import capital
from gates.models import Form
from gates.services.offers import LONGEST_LINK, LONGEST_STATEMENT, LONGEST_TITLE

MEASURE = "measure_"
FORMS = (
    (Form.FILE.value, _("One or more files")),
    (Form.LINK.value, _("A link to a record kept elsewhere")),
    (Form.ATTESTATION.value, _("My own attestation")),
    (Form.MEASUREMENT.value, _("Measured values only")),
)


def paragraph(label: Any, help_text: Any = "", **more: Any) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": 3})
    return forms.CharField(
        label=label, help_text=help_text, max_length=LONGEST_STATEMENT, widget=widget, **more
    )


def day(label: Any, help_text: Any = "", **more: Any) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, help_text=help_text, widget=widget, **more)


class OfferForm(forms.Form):
    """A piece of evidence for one question. Which fields it has depends on what the question asks for."""

    form = forms.ChoiceField(
        label=_("How do you show it?"), choices=FORMS, widget=forms.RadioSelect, initial="file"
    )
    link = forms.CharField(
        label=_("Address"),
        required=False,
        help_text=_(
            "A whole address that begins with https://. The record must stay there as long as it counts."
        ),
        widget=forms.URLInput(attrs={"inputmode": "url", "maxlength": LONGEST_LINK}),
    )
    kind = forms.ChoiceField(label=_("What kind of evidence is it?"))
    deployment = forms.ChoiceField(label=_("For which deployment?"), required=False)
    control = forms.ChoiceField(label=_("For which non-negotiable?"), required=False)
    statement = paragraph(_("What does it show?"), _("One or two sentences a reviewer can check against it."))
    title = forms.CharField(
        label=_("Title"),
        required=False,
        max_length=LONGEST_TITLE,
        help_text=_("What people will call it. Left empty, a file is called by its name."),
    )
    observed_on = day(
        _("On which day was it true?"),
        _("The day of the test, drill, sample or signature. Its age counts from here."),
    )
    expires_on = day(
        _("Does it end earlier by itself?"), _("For example, the last day of a contract."), required=False
    )
    supersedes = forms.CharField(required=False, widget=forms.HiddenInput)
    question = forms.CharField(widget=forms.HiddenInput)
    file = forms.Field(
        label=_("Files"), required=False, widget=forms.HiddenInput
    )  # drawn by the page; here for its faults

    def __init__(self, *args: Any, policy: Policy, rule: Rule, view: View, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.asks: Evidenced = rule.asks  # type: ignore[assignment]  # only offered for rules that ask
        self._kinds(policy)
        self._places(view)
        self._measures(view)
        self.fields["statement"].good = rule.good  # type: ignore[attr-defined]  # drawn by parts/field.html

    def _kinds(self, policy: Policy) -> None:
        field = self.fields["kind"]
        field.choices = [(code, policy.kind(code).title) for code in self.asks.kinds]  # type: ignore[attr-defined]  # a choice field
        if len(self.asks.kinds) == 1:
            field.initial = self.asks.kinds[0]

    def _places(self, view: View) -> None:
        places = [(place.code, place.title or place.code) for place in view.deployments]
        controls = [(control.code, control.title) for control in view.dossier.non_negotiables.added]
        self._choose("deployment", places, is_asked=self.asks.each != "once")
        self._choose("control", controls, is_asked=self.asks.each == "added_control")

    def _choose(self, name: str, choices: list[tuple[str, str]], *, is_asked: bool) -> None:
        if not is_asked:
            del self.fields[name]
            return
        field = self.fields[name]
        field.choices = choices if len(choices) == 1 else [("", _("Choose one")), *choices]  # type: ignore[attr-defined]  # a choice field
        field.required = True

    def _measures(self, view: View) -> None:
        if not self.asks.measures:
            self.fields["form"].choices = FORMS[:-1]  # type: ignore[attr-defined]  # a choice field
        for measure in self.asks.measures:
            bound = bound_in_words(view, measure)
            field = forms.FloatField(
                label=capital(measure.title),
                help_text=_("Needed: %(bound)s.") % {"bound": bound} if bound else "",
                widget=forms.NumberInput(attrs={"step": "any", "inputmode": "decimal"}),
            )
            field.unit = measure.unit  # type: ignore[attr-defined]  # drawn by parts/field.html
            self.fields[MEASURE + measure.name] = field

    @property
    def measured(self) -> dict[str, float]:
        """The numbers that were written, by the names the policy gives them."""
        return {
            name.removeprefix(MEASURE): value
            for name, value in self.cleaned_data.items()
            if name.startswith(MEASURE) and value is not None
        }

    def measure_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in self.fields if name.startswith(MEASURE)]

    def place_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in ("deployment", "control") if name in self.fields]


class ReviewForm(forms.Form):
    decision = forms.ChoiceField(
        label=_("Does it show what the question asks?"),
        choices=[("accept", _("Yes, I accept it")), ("reject", _("No, I reject it"))],
        widget=forms.RadioSelect,
    )
    reason = paragraph(_("Why?"), _("Say what you checked, so that the next reader need not check it again."))


class WithdrawForm(forms.Form):
    reason = paragraph(_("Why is it withdrawn?"), _("It stays readable, with who withdrew it and why."))


class EndorseForm(forms.Form):
    statement = paragraph(
        _("What do you stand behind?"), _("In your own words; it is printed in the pack with your name.")
    )
    seen = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def rest_on(self, seen: str) -> None:
        """The words typed before stay; what they are about is what stands now."""
        if self.is_bound:
            self.data = {**{name: self.data[name] for name in self.data}, self.add_prefix("seen"): seen}


class WaiverForm(forms.Form):
    rule = forms.CharField(widget=forms.HiddenInput)
    renews = forms.CharField(widget=forms.HiddenInput, required=False)
    reason = paragraph(_("Why can the rule not be met now?"))
    compensating_control = paragraph(_("What keeps people safe meanwhile?"))
    until = day(_("Until which day?"))


class AnswerForm(forms.Form):
    decision = forms.ChoiceField(
        label=_("Your answer"),
        choices=[("accept", _("I accept it")), ("decline", _("I decline it"))],
        widget=forms.RadioSelect,
    )
    reason = paragraph(_("Why?"))


class IncidentForm(forms.Form):
    title = forms.CharField(
        label=_("What went wrong?"), max_length=LONGEST_TITLE, help_text=_("In one line.")
    )
    severity = forms.TypedChoiceField(
        label=_("How severe is it?"),
        coerce=int,
        choices=[("", _("Choose one")), (1, _("1: people were harmed, or soon would be")), (2, _("2: serious; it must be contained now")), (3, _("3: limited; it is contained")), (4, _("4: slight"))],
        help_text=_("An open incident of severity 1 or 2 suspends the initiative."),
    )  # fmt: skip
    deployment = forms.ChoiceField(label=_("Where?"), required=False)
    opened_at = forms.DateTimeField(
        label=_("When did it begin?"),
        required=False,
        help_text=_("In your own time zone. Left empty: now."),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )
    description = paragraph(_("What is known so far?"), required=False)

    def __init__(self, *args: Any, view: View, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        places = [(place.code, place.title or place.code) for place in view.deployments]
        self.fields["deployment"].choices = [("", _("Everywhere, or not known")), *places]  # type: ignore[attr-defined]  # a choice field


class CauseForm(forms.Form):
    """Closes an incident."""

    cause = paragraph(_("What caused it?"), _("Without a cause it is not over."))
    closed_at = forms.DateTimeField(
        label=_("When was it over?"),
        required=False,
        help_text=_("In your own time zone. Left empty: now."),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )


class AcknowledgeForm(forms.Form):
    metric = forms.CharField(widget=forms.HiddenInput)
    rule = forms.CharField(widget=forms.HiddenInput)
    period_end = forms.DateField(widget=forms.HiddenInput)
    cause = paragraph(_("Why did it stand out?"))


class MoveForm(forms.Form):
    to = forms.CharField(widget=forms.HiddenInput)
    reason = paragraph(_("Why does the status move?"), _("Your reason is kept with the move, for good."))


class ReaffirmForm(forms.Form):
    reason = paragraph(_("Why does it stand under the policy in force?"))


class ProposeForm(forms.Form):
    to = forms.ChoiceField(label=_("Back to which status?"))
    gate = forms.ChoiceField(label=_("For which gate do you answer?"))
    root_cause = paragraph(_("What was the root cause?"))
    remedy = paragraph(_("What was done about it?"))

    def __init__(
        self, *args: Any, statuses: list[tuple[str, Any]], gates: list[tuple[str, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].choices = statuses  # type: ignore[attr-defined]  # a choice field
        self.fields["gate"].choices = gates  # type: ignore[attr-defined]  # a choice field


class ConfirmForm(forms.Form):
    reason = paragraph(_("Why may it run again?"))


class ProposePolicyForm(forms.Form):
    text = forms.CharField(
        label=_("The whole policy file"),
        required=False,
        strip=False,
        help_text=_("Paste it here, or choose the file below."),
        widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false"}),
    )
    file = forms.FileField(
        label=_("Policy file"), required=False, help_text=_("A TOML file of at most 1 MB.")
    )
    reason = paragraph(_("Why should the policy change?"))
