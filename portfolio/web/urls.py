from django.urls import URLPattern, URLResolver, path

from portfolio.web import overview, register, work

app_name = "portfolio"
# "_new" is no code: codes begin with a letter or a digit.
urlpatterns: list[URLPattern | URLResolver] = [
    path("portfolio/", overview.portfolio, name="overview"),
    path("portfolio/dependencies/", register.dependencies, name="dependencies"),
    path("portfolio/dependencies/_new/", register.add_dependency, name="add-dependency"),
    path("portfolio/dependencies/<str:code>/", register.dependency, name="dependency"),
    path("portfolio/dependencies/<str:code>/change/", register.change_dependency, name="change-dependency"),
    path("portfolio/bottlenecks/", register.bottlenecks, name="bottlenecks"),
    path("portfolio/bottlenecks/_new/", register.add_bottleneck, name="add-bottleneck"),
    path("portfolio/bottlenecks/<str:code>/", work.bottleneck, name="bottleneck"),
    path("portfolio/bottlenecks/<str:code>/closures/", work.closures, name="closures"),
    path(
        "portfolio/bottlenecks/<str:code>/closures/<int:pk>/remove/", work.drop_closure, name="drop-closure"
    ),
    path("portfolio/work/<int:pk>/", work.work, name="work"),
    path("portfolio/work/<int:pk>/start/", work.start, name="start-work"),
    path("portfolio/work/<int:pk>/exception/", work.exception, name="except-work"),
    path("portfolio/bottlenecks/<str:code>/change/", register.change_bottleneck, name="change-bottleneck"),
]
