"""The shapes of what is typed about a review; the services judge what it means."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from alignment_portal.accounts.models import User
from alignment_portal.accounts.roles import Role
from initiatives.models import Initiative
from reviews.models import Answer, Outcome
from reviews.services.locks import authors
from reviews.web.words import role_choices, role_word

LONG = 4000
SEAT = "seat_"


def executives(initiatives: Sequence[Initiative]) -> list[tuple[str, str]]:
    """Who may take a stance: active executives who do not write the dossier."""
    rows = User.objects.filter(is_active=True, grants__role=Role.EXECUTIVE, grants__revoked_at__isnull=True)
    rows = rows.exclude(pk__in=list(authors(initiatives))).distinct().order_by("name")
    named = rows.values_list("email", "name", "title")
    return [(email, f"{name}, {title}" if title else name) for email, name, title in named]


def people() -> list[tuple[str, str]]:
    rows = User.objects.filter(is_active=True).order_by("name").values_list("email", "name", "title")
    return [(email, f"{name}, {title}" if title else name) for email, name, title in rows]


def _text(label: Any, *, rows: int = 3, **more: Any) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, max_length=LONG, widget=widget, **more)


def _moment(label: Any, **more: Any) -> forms.DateTimeField:
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    return forms.DateTimeField(label=label, required=False, widget=widget, **more)


class FrameForm(forms.Form):
    purpose = _text(_("What is the review for?"), help_text=_("One sentence that participants read first."))
    decision_sought = _text(_("Which decision do you seek?"), required=False)
    pre_read_at = _moment(
        _("When does the pre-read end?"),
        help_text=_("In your time zone. Stances stay sealed until then; once sent it can only be put off."),
    )
    meeting_at = _moment(_("When do you meet?"), help_text=_("Empty when no meeting is needed."))


class OpenForm(FrameForm):
    """The frame, and a seat for each role that has to agree."""

    def __init__(
        self,
        *args: Any,
        roles: Sequence[str],
        seats: Sequence[tuple[str, str]],
        cluster: str = "",
        may_send: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        if cluster:
            about = [("initiative", _("This initiative")), ("cluster", cluster)]
            self.fields["about"] = forms.ChoiceField(
                label=_("What is it about?"), choices=about, widget=forms.RadioSelect, initial="initiative"
            )
        for role in sorted(roles):
            self.fields[f"{SEAT}{role}"] = forms.ChoiceField(
                label=_("Who speaks for %(role)s?") % {"role": role_word(role).lower()},
                choices=[("", _("To be invited later")), *seats],
                required=False,
                help_text=_("There is no agreement without this role; somebody can still be invited later."),
            )
        if may_send:
            self.fields["send"] = forms.BooleanField(
                label=_("Send it to them now"), required=False, initial=True
            )

    def participants(self) -> list[tuple[str, str]]:
        return [
            (email, name.removeprefix(SEAT))
            for name, email in self.cleaned_data.items()
            if name.startswith(SEAT) and email
        ]


class InviteForm(forms.Form):
    email = forms.ChoiceField(label=_("Who takes part?"))
    role = forms.ChoiceField(label=_("In which role?"))

    def __init__(
        self, *args: Any, seats: Sequence[tuple[str, str]], required: Sequence[str], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in (("email", seats), ("role", role_choices(required))):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)  # noqa: S101 — declared above
            field.choices = list(choices)


class TradeOffForm(forms.Form):
    choose = _text(_("What do we choose?"), rows=2)
    accept = _text(_("What do we accept for it?"), rows=2)
    because = _text(_("Why?"), rows=2, required=False)
    until = forms.CharField(label=_("Until when, or until what?"), max_length=200, required=False)
    change_our_mind = _text(_("What would change our mind?"), rows=2, required=False)


class NewTradeOffForm(TradeOffForm):
    code = forms.CharField(
        label=_("Its short name"),
        max_length=64,
        help_text=_("Lower-case letters, digits and dashes: log-first."),
    )

    field_order = ("choose", "accept", "because", "until", "change_our_mind", "code")


class ChangedTradeOffForm(TradeOffForm):
    version = forms.IntegerField(widget=forms.HiddenInput)


class StanceForm(forms.Form):
    answer = forms.ChoiceField(
        label=_("Your stance"),
        choices=[(value, str(label).capitalize()) for value, label in Answer.choices],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one of the four answers.")},
    )
    conditions = _text(
        _("Your conditions"),
        required=False,
        help_text=_("One a line. Each has to be met, or promised by somebody."),
    )
    reason = _text(
        _("Your reason"),
        required=False,
        help_text=_("Needed when you disagree or abstain; kept in your own words."),
    )
    commits = forms.BooleanField(label=_("I disagree, and will help to make it work"), required=False)
    will_do = _text(_("What will you do to make it work?"), rows=2, required=False)

    def stance(self) -> dict[str, Any]:
        """What the service takes: of the parts below the answer only those that belong to it."""
        given = dict(self.cleaned_data)
        is_conditional = given["answer"] == Answer.CONDITIONS
        given["conditions"] = given["conditions"].splitlines() if is_conditional else []
        given["commits"] = given["commits"] and given["answer"] == Answer.DISAGREE
        given["will_do"] = given["will_do"] if given["commits"] else ""
        return given


class PartForm(StanceForm):
    rating = forms.TypedChoiceField(
        label=_("I would defend this before the board"),
        choices=[(str(place), str(place)) for place in range(1, 6)],
        coerce=int,
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
        help_text=_("1: not at all. 5: without reserve. Leave it out only when you abstain."),
    )

    field_order = ("rating", "answer", "conditions", "reason", "commits", "will_do")

    def stance(self) -> dict[str, Any]:
        given = super().stance()
        return {**given, "rating": None if given["answer"] == Answer.ABSTAIN else given["rating"]}


class DeputyForm(forms.Form):
    email = forms.ChoiceField(label=_("Who answers in your place?"))
    reason = _text(_("Why?"), rows=2)

    def __init__(self, *args: Any, seats: Sequence[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["email"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 — declared above
        field.choices = list(seats)


class ReasonForm(forms.Form):
    reason = _text(_("Why?"))


class NoteForm(forms.Form):
    note = _text(_("How?"))


class CommitmentForm(forms.Form):
    text = _text(_("What is promised?"))
    owner = forms.ChoiceField(label=_("Who will do it?"))
    due_on = forms.DateField(
        label=_("By when?"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    unblocks = forms.ChoiceField(label=_("What does it unblock?"), required=False)

    def __init__(self, *args: Any, unblocks: Sequence[Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, choices in (("owner", people()), ("unblocks", unblocks)):
            field = self.fields[name]
            assert isinstance(field, forms.ChoiceField)  # noqa: S101 — declared above
            field.choices = list(choices)


class GateForm(forms.Form):
    gate = forms.ChoiceField(label=_("Which gate?"))

    def __init__(self, *args: Any, gates: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["gate"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 — declared above
        field.choices = list(gates.items())


class ConclusionForm(forms.Form):
    outcome = forms.ChoiceField(
        label=_("How does it end?"),
        choices=[(value, str(label).capitalize()) for value, label in Outcome.choices],
        widget=forms.RadioSelect,
    )
    statement = _text(
        _("In your words"), required=False, help_text=_("Needed when you are not aligned: say why.")
    )


class NothingForm(forms.Form):
    """A page that only asks whether."""
