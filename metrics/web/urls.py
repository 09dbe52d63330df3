from django.urls import URLPattern, URLResolver, path

from metrics.web import entering, pages, reading_results

app_name = "metrics"
urlpatterns: list[URLPattern | URLResolver] = [
    path("initiatives/<str:key>/metrics/<str:code>/", pages.metric, name="metric"),
    path("initiatives/<str:key>/metrics/<str:code>/readings/", entering.enter, name="enter"),
    path("initiatives/<str:key>/metrics/<str:code>/result/", reading_results.read_result, name="read-result"),
    path("initiatives/<str:key>/readings/", entering.upload, name="upload"),
    path("initiatives/<str:key>/readings/template/<slug:kind>/", entering.template, name="template"),
    path("initiatives/<str:key>/readings/import/", entering.import_readings, name="import"),
]
