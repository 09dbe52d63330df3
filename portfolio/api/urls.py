from django.urls import URLPattern, URLResolver, path

from portfolio.api import people, simulations, tables, unblocking, views, work, worths

app_name = "portfolio"
urlpatterns: list[URLPattern | URLResolver] = [
    path("portfolio/summary/", views.summary, name="summary"),
    path("portfolio/worths/", worths.worths, name="worths"),
    path("initiatives/<str:key>/worth/", worths.worth, name="worth"),
    path("initiatives/<str:key>/worth/statements/", worths.statements, name="worth-statements"),
    path("portfolio/unblocking/", unblocking.unblocking, name="unblocking"),
    path("portfolio/dependencies/", views.dependencies, name="dependencies"),
    path("portfolio/dependencies/<str:code>/", views.dependency, name="dependency"),
    path("portfolio/bottlenecks/", views.bottlenecks, name="bottlenecks"),
    path("portfolio/bottlenecks/<str:code>/", views.bottleneck, name="bottleneck"),
    path("portfolio/bottlenecks/<str:code>/flow/", work.flow, name="flow"),
    path("portfolio/bottlenecks/<str:code>/closures/", work.closures, name="closures"),
    path("portfolio/bottlenecks/<str:code>/closures/<int:pk>/", work.closure, name="closure"),
    path("portfolio/work/", work.items, name="work-items"),
    path("portfolio/work/<int:pk>/", work.item, name="work"),
    path("portfolio/work/<int:pk>/moves/", work.moves, name="work-moves"),
    path("portfolio/work/<int:pk>/exceptions/", work.exceptions, name="work-exceptions"),
    path("portfolio/simulations/", simulations.simulations, name="simulations"),
    path("portfolio/simulations/<str:ref>/", simulations.simulation, name="simulation"),
    path("portfolio/simulations/<str:ref>/pack/", simulations.in_pack, name="simulation-in-pack"),
    path("portfolio/simulations/<str:ref>/cancel/", simulations.cancellation, name="cancel-simulation"),
    path("portfolio/imports/<str:kind>/", tables.imports, name="imports"),
    path("portfolio/groups/", people.groups, name="groups"),
    path("portfolio/other-changes/", people.other_changes, name="other-changes"),
    path("portfolio/other-changes/<int:pk>/withdrawal/", people.withdrawal, name="withdraw-change"),
    path("portfolio/change-load/moves/", people.moves, name="change-load-moves"),
    path("portfolio/change-load/", views.change_load, name="change-load"),
]
