from django.urls import URLPattern, URLResolver, path

from portfolio.api import views

app_name = "portfolio"
urlpatterns: list[URLPattern | URLResolver] = [
    path("portfolio/summary/", views.summary, name="summary"),
    path("portfolio/dependencies/", views.dependencies, name="dependencies"),
    path("portfolio/dependencies/<str:code>/", views.dependency, name="dependency"),
    path("portfolio/bottlenecks/", views.bottlenecks, name="bottlenecks"),
    path("portfolio/bottlenecks/<str:code>/", views.bottleneck, name="bottleneck"),
    path("portfolio/change-load/", views.change_load, name="change-load"),
]
