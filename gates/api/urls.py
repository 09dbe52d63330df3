from django.urls import URLPattern, URLResolver, path

from gates.api import decisions, evidence, frameworks, signals, tables, verdicts

app_name = "gates"
ABOUT = "initiatives/<str:key>/"
ITEM = f"{ABOUT}evidence/<str:ref>/"
urlpatterns: list[URLPattern | URLResolver] = [
    path("evidence/imports/", tables.imports, name="evidence-imports"),
    path("frameworks/", frameworks.framework_list, name="frameworks"),
    path("frameworks/<slug:code>/", frameworks.framework, name="framework"),
    path(f"{ABOUT}verdict/", verdicts.verdict, name="verdict"),
    path(f"{ABOUT}status/", verdicts.status, name="status"),
    path(f"{ABOUT}status/moves/", verdicts.moves, name="moves"),
    path(f"{ABOUT}reinstatements/", verdicts.reinstatements, name="reinstatements"),
    path(
        f"{ABOUT}reinstatements/<int:proposal_id>/confirmation/", verdicts.confirmation, name="confirmation"
    ),
    path(f"{ABOUT}gates/", decisions.gates, name="gates"),
    path(f"{ABOUT}gates/<str:code>/endorsements/", decisions.endorsements, name="endorsements"),
    path(
        f"{ABOUT}endorsements/<str:ref>/withdrawal/",
        decisions.endorsement_withdrawal,
        name="endorsement-withdrawal",
    ),
    path("signals/", signals.signals, name="signals"),
    path(f"{ABOUT}signals/", signals.acknowledgements, name="acknowledgements"),
    path(f"{ABOUT}evidence/", evidence.evidence, name="evidence"),
    path(ITEM, evidence.item, name="item"),
    path(f"{ITEM}file/", evidence.file, name="file"),
    path(f"{ITEM}reviews/", evidence.reviews, name="reviews"),
    path(f"{ITEM}withdrawal/", evidence.withdrawal, name="withdrawal"),
    path(f"{ABOUT}waivers/", decisions.waivers, name="waivers"),
    path(f"{ABOUT}waivers/<str:ref>/acceptance/", decisions.acceptance, name="acceptance"),
    path(f"{ABOUT}waivers/<str:ref>/withdrawal/", decisions.waiver_withdrawal, name="waiver-withdrawal"),
]
