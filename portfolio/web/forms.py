"""The shapes of the register's forms; the services judge what is typed."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from alignment_portal.accounts.models import User
from portfolio.models import DependencyKind, DependencyState, Funding

CODE_HELP = _(
    "A short name of lower-case letters, digits, dots or dashes. Dossiers refer to it; it never changes."
)


def _choices(values: Any) -> list[tuple[str, str]]:
    return [(value, str(label).capitalize()) for value, label in values.choices]


def people_to_choose(chosen: str | None) -> list[tuple[str, Any]]:
    """Active people, and whoever is recorded now even if they have left."""
    rows = User.objects.filter(is_active=True).order_by("name").values_list("email", "name", "title")
    found = [(email, f"{name}, {title}" if title else name) for email, name, title in rows]
    if chosen and chosen not in dict(found):
        found.insert(0, (chosen, chosen))
    return [("", _("Nobody yet")), *found]


class DependencyForm(forms.Form):
    title = forms.CharField(label=_("What do initiatives wait for?"), max_length=200)
    kind = forms.ChoiceField(label=_("What kind of thing is it?"), choices=_choices(DependencyKind))
    owner = forms.ChoiceField(
        label=_("Who owns it?"),
        required=False,
        help_text=_("One person who answers for its delivery."),
    )
    funding = forms.ChoiceField(label=_("Is it funded?"), choices=_choices(Funding))
    state = forms.ChoiceField(label=_("Where does it stand?"), choices=_choices(DependencyState))
    due_on = forms.DateField(
        label=_("When is it due?"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    duration_days = forms.FloatField(
        label=_("How many work days does delivering it take, once it is owned and funded?"),
        required=False, min_value=0, max_value=10_000,
        help_text=_("The what-if counts on it. Without a figure it takes 30 days."),
    )  # fmt: skip
    price = forms.FloatField(
        label=_("What does it take to fund it?"), required=False, min_value=0, max_value=1e12,
        help_text=_("In the same money as the value of initiatives."),
    )  # fmt: skip
    note = forms.CharField(
        label=_("What else should people know?"), required=False, max_length=4000, widget=forms.Textarea
    )
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, owner: str | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["owner"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 — declared above
        field.choices = people_to_choose(owner)


class NewDependencyForm(DependencyForm):
    code = forms.CharField(label=_("Its code"), max_length=64, help_text=CODE_HELP)
    version = None  # type: ignore[assignment]  # nothing exists yet that could have changed

    field_order = ("code",)


class BottleneckForm(forms.Form):
    title = forms.CharField(label=_("Which shared function is it?"), max_length=200)
    people = forms.IntegerField(label=_("How many people work in it?"), min_value=1, max_value=100_000)
    cap = forms.IntegerField(
        label=_("How many initiatives may it work on at the same time?"),
        min_value=1,
        max_value=100_000,
        help_text=_("The cap. What is above it waits, whatever the calendar says."),
    )
    hours_per_week = forms.FloatField(
        label=_("How many hours a week does one person give to it?"), min_value=0.5, max_value=168, initial=40
    )
    fresh_days = forms.FloatField(
        label=_("For how many work days does what it delivers stay valid?"), required=False, min_value=0,
        max_value=10_000, help_text=_("Empty: for ever."),
    )  # fmt: skip
    price_per_person = forms.FloatField(
        label=_("What does one more person cost a year?"), required=False, min_value=0, max_value=1e12,
        help_text=_("In the same money as the value of initiatives."),
    )  # fmt: skip
    version = forms.IntegerField(widget=forms.HiddenInput)


class NewBottleneckForm(BottleneckForm):
    code = forms.CharField(label=_("Its code"), max_length=64, help_text=CODE_HELP)
    version = None  # type: ignore[assignment]  # nothing exists yet that could have changed

    field_order = ("code",)
