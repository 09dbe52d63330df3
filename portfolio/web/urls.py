from django.urls import URLPattern, URLResolver, path

from portfolio.web import dependency_map, overview, people, register, roadmap, tables, whatif, work, worths

app_name = "portfolio"
# "_new" is no code: codes begin with a letter or a digit.
urlpatterns: list[URLPattern | URLResolver] = [
    path("portfolio/", overview.portfolio, name="overview"),
    path("portfolio/worth/", worths.worths, name="worths"),
    path("initiatives/<str:key>/worth/", worths.worth, name="worth"),
    path("portfolio/map/", dependency_map.dependency_map, name="map"),
    path("portfolio/roadmap/", roadmap.roadmap, name="roadmap"),
    path("portfolio/roadmap/move/", roadmap.move, name="move-launch"),
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
    path("portfolio/what-if/", whatif.what_ifs, name="what-ifs"),
    path("portfolio/what-if/_new/", whatif.ask, name="ask"),
    path("portfolio/what-if/_compare/", whatif.compare, name="compare"),
    path("portfolio/what-if/<str:ref>/", whatif.what_if, name="what-if"),
    path("portfolio/what-if/<str:ref>/pack/", whatif.choose, name="choose-what-if"),
    path("portfolio/what-if/<str:ref>/cancel/", whatif.cancel, name="cancel-what-if"),
    path("portfolio/change-load/", people.change_load, name="change-load"),
    path("portfolio/change-load/<str:code>/<str:month>/", people.load_of_month, name="load-of-month"),
    path("portfolio/groups/_new/", people.group, name="add-group"),
    path("portfolio/groups/<str:code>/", people.group, name="group"),
    path("portfolio/other-changes/_new/", people.add_other_change, name="add-other-change"),
    path("portfolio/other-changes/<int:pk>/withdraw/", people.withdraw_change, name="withdraw-change"),
    path("portfolio/export/<str:kind>/<str:ending>/", tables.export, name="export"),
    path("portfolio/import/<str:kind>/", tables.bring, name="bring"),
    path("portfolio/work/<int:pk>/", work.work, name="work"),
    path("portfolio/work/<int:pk>/start/", work.start, name="start-work"),
    path("portfolio/work/<int:pk>/exception/", work.exception, name="except-work"),
    path("portfolio/bottlenecks/<str:code>/change/", register.change_bottleneck, name="change-bottleneck"),
]
