"""The roof of every address. Each app writes its addresses whole, beginning with its noun."""

from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

APPS = ("initiatives", "metrics", "portfolio", "reviews", "gates", "packs")

api: list[URLPattern | URLResolver] = [
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    path("docs/", SpectacularSwaggerSplitView.as_view(url_name="api:schema"), name="docs"),
    *(path("", include(f"{app}.api.urls")) for app in APPS),
    path("", include("alignment_portal.pages.api.urls")),
]

urlpatterns: list[URLPattern | URLResolver] = [
    # First, as what stands behind two hundred pages is looked for among all of them.
    path("api/v1/", include((api, "api"))),
    path("", include("alignment_portal.pages.urls")),
    *(path("", include(f"{app}.web.urls")) for app in APPS),
    # There is one way in: the admin, which only reads, has no sign-in of its own.
    path("admin/login/", RedirectView.as_view(pattern_name="sign-in", query_string=True)),
    path("admin/", admin.site.urls),
]

handler400 = "alignment_portal.pages.failures.bad_request"
handler403 = "alignment_portal.pages.failures.forbidden"
handler404 = "alignment_portal.pages.failures.not_found"
handler500 = "alignment_portal.pages.failures.server_error"
