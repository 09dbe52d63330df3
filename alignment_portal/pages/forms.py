"""The shapes of what people type on the portal's own pages; the services judge what it means."""

import zoneinfo
from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.utils.translation import gettext_lazy as _

from alignment_portal.accounts.roles import Function, Role, Scope

FUNCTIONS = [("", _("none")), *Function.choices]
ZONES = [(name, name.replace("_", " ")) for name in sorted(zoneinfo.available_timezones()) if "/" in name]


class SignInForm(AuthenticationForm):
    error_messages = {
        "invalid_login": _(
            "This e-mail address and password do not open an account. Check both and try again."
        ),
        "inactive": _("This e-mail address and password do not open an account. Check both and try again."),
    }

    def __init__(self, *args: Any, pause: str = "", **kwargs: Any) -> None:
        """With a sentence in `pause`, no password is even looked at."""
        super().__init__(*args, **kwargs)
        self.pause = pause
        self.fields["username"].label = _("E-mail address")
        self.fields["username"].widget = forms.EmailInput(attrs={"autocomplete": "username"})

    def clean(self) -> dict[str, Any]:
        if self.pause:
            raise forms.ValidationError(self.pause)
        return super().clean()


class PersonForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=120)
    email = forms.EmailField(label=_("E-mail address"), help_text=_("Dossiers name people by it."))
    title = forms.CharField(label=_("Title"), max_length=120, required=False)
    function = forms.ChoiceField(label=_("Function"), choices=FUNCTIONS, required=False)
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=[("UTC", "UTC"), *ZONES])


class NewPersonForm(PersonForm):
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=[("UTC", "UTC"), *ZONES], initial="UTC")
    password = forms.CharField(
        label=_("First password"),
        help_text=_("At least 12 characters. Hand it over in person; it can be changed under Settings."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class ChangedPersonForm(PersonForm):
    version = forms.IntegerField(widget=forms.HiddenInput)


class RoleForm(forms.Form):
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)
    function = forms.ChoiceField(
        label=_("For the function"),
        choices=FUNCTIONS,
        required=False,
        help_text=_("An assurer accepts evidence for the gates of this function."),
    )


class DeactivationForm(forms.Form):
    reason = forms.CharField(label=_("Why is the account deactivated?"), max_length=500)


class ErasureForm(forms.Form):
    reason = forms.CharField(
        label=_("On what ground?"),
        max_length=500,
        help_text=_("It stays on record for good: do not name the person in it."),
    )


class ProfileForm(forms.Form):
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=[("UTC", "UTC"), *ZONES])
    theme = forms.ChoiceField(
        label=_("Theme"), choices=[("system", _("as the device")), ("light", _("light")), ("dark", _("dark"))]
    )


class PasswordForm(forms.Form):
    current = forms.CharField(
        label=_("Your password now"), widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )
    password = forms.CharField(
        label=_("New password"),
        help_text=_("At least 12 characters."),
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_("Code the app shows now"),
        max_length=12,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )


class PasskeyForm(forms.Form):
    name = forms.CharField(
        label=_("What is it called?"),
        max_length=80,
        required=False,
        help_text=_("So that you know it again, such as “laptop” or “key on my ring”."),
    )
    credential = forms.CharField(widget=forms.HiddenInput, required=False)


class TokenForm(forms.Form):
    name = forms.CharField(label=_("What is it for?"), max_length=80)
    scopes = forms.MultipleChoiceField(
        label=_("What may it do?"),
        choices=Scope.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Never more than your own roles allow."),
    )
    expires_on = forms.DateField(
        label=_("Until"),
        required=False,
        help_text=_("The end of this day, in UTC. Empty: until it is revoked."),
        widget=forms.DateInput(attrs={"type": "date"}),
    )


class HistoryForm(forms.Form):
    actor = forms.CharField(label=_("Who"), required=False, max_length=120)
    action = forms.CharField(label=_("What"), required=False, max_length=80)
    initiative = forms.CharField(label=_("Initiative"), required=False, max_length=40)
    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    before = forms.IntegerField(required=False, min_value=1, widget=forms.HiddenInput)
