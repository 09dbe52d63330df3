"""What initiatives are hoped to bring and to cost: stated by somebody, shown apart from anything that was measured."""

from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from alignment_portal.accounts.permissions import Action, may, require, who_may
from alignment_portal.http.forms import add_refusal
from alignment_portal.http.problems import faults_of
from alignment_portal.http.requests import actor_of
from alignment_portal.refusals import Invalid, Stale
from initiatives.models import Initiative, Status
from initiatives.selectors import initiative_or_404, standing
from portfolio.models import Worth
from portfolio.models.worth import MOST
from portfolio.selectors.worths import Stated, WorthTable, statements_of
from portfolio.services.worths import state_worth
from portfolio.web.forms import people_to_choose
from portfolio.web.paging import page_of, paging
from portfolio.web.register import crumbs_to, reader_of

MOST_EARLIER = 20
# A fault of a whole range stands at its first number.
PLACES = {"/value": "/value_low", "/cost": "/cost_low"}


def _amount(label: Any, **how: Any) -> forms.FloatField:
    return forms.FloatField(label=label, max_value=MOST, **how)


class WorthForm(forms.Form):
    value_low = _amount(
        gettext_lazy("What may it bring a year at full scale, at the least?"), min_value=-MOST
    )
    value_likely = _amount(gettext_lazy("What is it likely to bring a year?"), min_value=-MOST)
    value_high = _amount(gettext_lazy("What may it bring a year, at the most?"), min_value=-MOST)
    cost_low = _amount(gettext_lazy("What does getting there cost, at the least?"), min_value=0)
    cost_likely = _amount(gettext_lazy("What is it likely to cost?"), min_value=0)
    cost_high = _amount(gettext_lazy("What may it cost, at the most?"), min_value=0)
    currency = forms.CharField(
        label=gettext_lazy("In which money?"), min_length=3, max_length=3, initial="EUR",
        help_text=gettext_lazy("Three capital letters, such as EUR."),
    )  # fmt: skip
    owner = forms.ChoiceField(
        label=gettext_lazy("Who stands behind these figures?"),
        help_text=gettext_lazy("One person who would defend them."),
    )
    basis = forms.CharField(
        label=gettext_lazy("What do they rest on?"), max_length=4000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("A comparison, a quote, a count and a price: something that others can check."),
    )  # fmt: skip
    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, owner: str | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["owner"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 — declared above
        field.choices = people_to_choose(owner)

    def statement(self) -> dict[str, Any]:
        """What the service takes."""
        given = self.cleaned_data
        return {
            "value": [given["value_low"], given["value_likely"], given["value_high"]],
            "cost": [given["cost_low"], given["cost_likely"], given["cost_high"]],
            "currency": given["currency"].upper(),
            "owner": given["owner"],
            "basis": given["basis"],
            "expected": given["version"],
        }


@dataclass(frozen=True)
class Sum:
    """The likely figures of one money added up, and how many initiatives have any."""

    currency: str
    value: float
    cost: float
    stated: int
    silent: int
    elsewhere: int


def _sum(table: WorthTable) -> Sum:
    """In the money that most statements are in."""
    ours = max(table.sums, key=lambda one: one.number, default=Stated("EUR", 0.0, 0.0, 0))
    return Sum(
        currency=ours.currency,
        value=ours.value,
        cost=ours.cost,
        stated=ours.number,
        silent=table.total - table.stated,
        elsewhere=table.stated - ours.number,
    )


@require_GET
def worths(request: HttpRequest) -> HttpResponse:
    """The hopes of the portfolio, the dearest first; those that nobody stated last."""
    by = reader_of(request)
    table = WorthTable(by)
    page = page_of(request, table)
    context = {
        "crumbs": crumbs_to(),
        "rows": page.object_list,
        "sum": _sum(table),
        "page": paging(page),
    }
    return render(request, "portfolio/worths.html", context)


@require_http_methods(["GET", "POST"])
def worth(request: HttpRequest, key: str) -> HttpResponse:
    """What one initiative is hoped to bring and to cost, who says so, and what was said before."""
    by = actor_of(request)
    found = initiative_or_404(by, key)
    stands = standing(by, found)
    may_state = found.status != Status.RETIRED and may(
        by, Action.WORTH_STATE, own=stands.own, invited=stands.invited
    )
    if request.method == "POST":
        require(by, Action.WORTH_STATE, own=stands.own, invited=stands.invited)
    said = list(statements_of(found)[: MOST_EARLIER + 1])
    last = said[0] if said else None
    form = WorthForm(request.POST or None, initial=_typed(last), owner=last.owner.email if last else None)
    if form.is_valid():
        try:
            state_worth(by=by, initiative=found, **form.statement())
        except (Invalid, Stale) as refusal:
            _show(form, refusal)
        else:
            messages.success(request, _("Kept. What was stated before stays below."))
            return redirect(request.path)
    context = {
        "crumbs": _crumbs(found),
        "initiative": found,
        "last": last,
        "earlier": said[1:],
        "form": form if may_state else None,
        "who_may": who_may(Action.WORTH_STATE),
        "cancel": f"/initiatives/{found.key}/",
        "learning_only": found.judged_level == "learning_only",
    }
    return render(request, "portfolio/worth.html", context, status=422 if form.errors else 200)


def _show(form: WorthForm, refusal: Invalid | Stale) -> None:
    if isinstance(refusal, Stale):
        add_refusal(form, refusal)
        return
    faults = [
        replace(fault, pointer=PLACES.get(fault.pointer, fault.pointer)) for fault in faults_of(refusal)
    ]
    add_refusal(form, Invalid(refusal.sentence, faults=faults, code=refusal.code))


def _typed(last: Worth | None) -> dict[str, Any]:
    if last is None:
        return {"version": 0}
    names = [f"{part}_{end}" for part in ("value", "cost") for end in ("low", "likely", "high")]
    typed = {name: f"{getattr(last, name):.12g}" for name in names}
    return {
        **typed,
        "currency": last.currency,
        "owner": last.owner.email,
        "basis": last.basis,
        "version": last.number,
    }


def _crumbs(initiative: Initiative) -> list[dict[str, str]]:
    pairs = ((_("Initiatives"), "/initiatives/"), (initiative.key, f"/initiatives/{initiative.key}/"))
    return [{"label": label, "url": url} for label, url in pairs]
