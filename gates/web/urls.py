from django.urls import URLPattern, URLResolver, path

from gates.web import endorsements, evidence, frameworks, gates, operation, policies, status, verdicts, weeks

app_name = "gates"
urlpatterns: list[URLPattern | URLResolver] = [
    path("initiatives/<str:key>/gates/", gates.gate_list, name="list"),
    path("initiatives/<str:key>/gates/<str:gate>/", gates.gate, name="gate"),
    path("initiatives/<str:key>/gates/<str:gate>/evidence/", evidence.offer, name="offer"),
    path("initiatives/<str:key>/gates/<str:gate>/endorse/", endorsements.endorse, name="endorse"),
    path("initiatives/<str:key>/evidence/<str:ref>/", evidence.evidence, name="evidence"),
    path("initiatives/<str:key>/evidence/<str:ref>/file/", evidence.evidence_file, name="file"),
    path("initiatives/<str:key>/evidence/<str:ref>/review/", evidence.review, name="review"),
    path("initiatives/<str:key>/evidence/<str:ref>/withdraw/", evidence.withdraw, name="withdraw"),
    path("initiatives/<str:key>/endorsements/<str:ref>/withdraw/", endorsements.withdraw, name="unendorse"),
    path("initiatives/<str:key>/rules/<str:rule>/waiver/", endorsements.ask_waiver, name="waive"),
    path("initiatives/<str:key>/waivers/<str:ref>/", endorsements.waiver, name="waiver"),
    path("initiatives/<str:key>/waivers/<str:ref>/answer/", endorsements.answer, name="answer-waiver"),
    path("initiatives/<str:key>/waivers/<str:ref>/withdraw/", endorsements.withdraw_a_waiver, name="unwaive"),
    path("initiatives/<str:key>/incidents/", operation.open_incident, name="open-incident"),
    path("initiatives/<str:key>/incidents/<str:ref>/close/", operation.end_incident, name="end-incident"),
    path("initiatives/<str:key>/status/", status.status, name="status"),
    path("initiatives/<str:key>/status/move/", status.move, name="move"),
    path("initiatives/<str:key>/status/reaffirm/", status.reaffirm, name="reaffirm"),
    path("initiatives/<str:key>/status/reinstatement/", status.propose, name="propose"),
    path("initiatives/<str:key>/status/reinstatement/<int:proposal>/", status.confirm, name="confirm"),
    path("initiatives/<str:key>/verdict/", verdicts.verdict, name="verdict"),
    path("initiatives/<str:key>/weeks/", weeks.weeks, name="weeks"),
    path("initiatives/<str:key>/signals/<str:metric>/", operation.explain_signal, name="explain-signal"),
    path("settings/frameworks/", frameworks.index, name="frameworks"),
    path("settings/frameworks/<slug:code>/", frameworks.framework, name="framework"),
    path("settings/frameworks/<slug:code>/export/", frameworks.export, name="framework-export"),
    path("settings/policy/", policies.policy, name="policy"),
    path("settings/policy/propose/", policies.propose, name="propose-policy"),
    path("settings/policy/<str:version>/", policies.policy_version, name="policy-version"),
    path("settings/policy/<str:version>/adopt/", policies.adopt, name="adopt-policy"),
]
