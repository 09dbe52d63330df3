"""A refusal's faults, put beside the fields they are about."""

from django.forms import BaseForm

from alignment_portal.http.problems import faults_of
from alignment_portal.refusals import Refusal


def add_refusal(form: BaseForm, refusal: Refusal) -> None:
    """Show each fault at its field; what belongs to no field of the form stands at its head."""
    faults = faults_of(refusal)
    if not faults:
        form.add_error(None, refusal.sentence)
    for fault in faults:
        name = fault.pointer.removeprefix("/").partition("/")[0]
        form.add_error(name if name in form.fields else None, fault.sentence)
