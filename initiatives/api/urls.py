from django.urls import URLPattern, URLResolver, path

from initiatives.api import bulk, dossiers, initiatives, operations, tables

app_name = "initiatives"
urlpatterns: list[URLPattern | URLResolver] = [
    path("schema/dossier.json", dossiers.schema, name="dossier-schema"),
    path("initiatives/", initiatives.initiative_list, name="list"),
    path("initiatives/bulk/", bulk.bulk, name="bulk"),
    path("initiatives/imports/", tables.imports, name="imports"),
    path("initiatives/<str:key>/", initiatives.initiative, name="initiative"),
    path("initiatives/<str:key>/dossier/", dossiers.dossier, name="dossier"),
    path("initiatives/<str:key>/versions/", dossiers.versions, name="versions"),
    path("initiatives/<str:key>/invitations/", initiatives.invitations, name="invitations"),
    path("initiatives/<str:key>/deployments/", operations.deployments, name="deployments"),
    path("initiatives/<str:key>/deployments/<str:code>/", operations.deployment, name="deployment"),
    path("initiatives/<str:key>/incidents/", operations.incidents, name="incidents"),
    path("initiatives/<str:key>/incidents/<str:ref>/", operations.incident, name="incident"),
    path("initiatives/<str:key>/incidents/<str:ref>/close/", operations.closing, name="incident-close"),
]
