from django.urls import URLPattern, URLResolver, path

from packs.api import views

app_name = "packs"
urlpatterns: list[URLPattern | URLResolver] = [
    path("packs/", views.packs, name="packs"),
    path("packs/verify/", views.verify, name="verify"),
    path("packs/orders/<int:number>/", views.order, name="order"),
    path("packs/<str:ref>/", views.pack, name="pack"),
    path("packs/<str:ref>/pdf/", views.pdf, name="pdf"),
    path("packs/<str:ref>/readers/", views.readers, name="readers"),
    path("packs/<str:ref>/cancel/", views.cancel, name="cancel"),
    path("packs/<str:ref>/retry/", views.retry, name="retry"),
]
