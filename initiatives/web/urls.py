from django.urls import URLPattern, URLResolver, path

from initiatives.web import documents, editing, lists, pages, tables, together

app_name = "initiatives"
urlpatterns: list[URLPattern | URLResolver] = [
    path("initiatives/", lists.initiative_list, name="list"),
    path("initiatives/export/<slug:kind>/", lists.export, name="export"),
    path("initiatives/table/<slug:ending>/", tables.take, name="take-table"),
    path("initiatives/table-import/", tables.bring, name="bring-table"),
    path("initiatives/views/", lists.keep_view, name="keep-view"),
    path("initiatives/views/<int:view_id>/", lists.saved_view, name="saved-view"),
    path("initiatives/views/<int:view_id>/remove/", lists.drop_view, name="drop-view"),
    path("initiatives/change/", together.choose, name="choose-together"),
    path("initiatives/change/preview/", together.change, name="change-together"),
    path("initiatives/change/done/", together.changed, name="changed"),
    path("initiatives/change/undo/", together.undo, name="undo-together"),
    path("initiatives/new/", documents.begin, name="new"),
    path("initiatives/import/", documents.import_dossier, name="import"),
    path("initiatives/<str:key>/", pages.overview, name="overview"),
    path("initiatives/<str:key>/chain/", pages.chain, name="chain"),
    path("initiatives/<str:key>/measurement/", pages.measurement, name="measurement"),
    path("initiatives/<str:key>/risk/", pages.risk, name="risk"),
    path("initiatives/<str:key>/operating-model/", pages.operating_model, name="operating-model"),
    path("initiatives/<str:key>/change/", pages.change, name="change"),
    path("initiatives/<str:key>/alignment/", pages.alignment, name="alignment"),
    path("initiatives/<str:key>/packs/", pages.packs, name="packs"),
    path("initiatives/<str:key>/history/", pages.history_tab, name="history"),
    path("initiatives/<str:key>/dossier/", documents.dossier_page, name="dossier"),
    path("initiatives/<str:key>/dossier/export/", documents.export_dossier, name="export-dossier"),
    path("initiatives/<str:key>/edit/", editing.edit_index, name="edit"),
    path("initiatives/<str:key>/edit/<path:path>/", editing.edit_place, name="edit-place"),
    path("initiatives/<str:key>/draft/<path:path>/", editing.draft, name="draft"),
]
