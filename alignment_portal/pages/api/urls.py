from django.urls import path

from alignment_portal.pages.api import views

urlpatterns = [
    path("", views.root, name="root"),
    path("people/", views.people, name="people"),
    path("people/<uuid:person_id>/", views.person, name="person"),
    path("people/<uuid:person_id>/roles/", views.roles, name="roles"),
    path("people/<uuid:person_id>/roles/<int:grant_id>/", views.role, name="role"),
    path("tokens/", views.own_tokens, name="tokens"),
    path("tokens/<int:token_id>/", views.token, name="token"),
    path("history/", views.history_list, name="history"),
]
