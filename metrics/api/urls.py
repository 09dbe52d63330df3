from django.urls import URLPattern, URLResolver, path

from metrics.api import tables, views

app_name = "metrics"
urlpatterns: list[URLPattern | URLResolver] = [
    path("observations/", views.observations, name="observations"),
    path("observations/imports/", tables.imports, name="observations-imports"),
    path("initiatives/<str:key>/metrics/", views.metric_list, name="metrics"),
    path("initiatives/<str:key>/metrics/<str:code>/series/", views.series, name="series"),
    path("initiatives/<str:key>/metrics/<str:code>/result/", views.result, name="result"),
    path("initiatives/<str:key>/metrics/<str:code>/result/experiment/", views.experiment, name="experiment"),
]
