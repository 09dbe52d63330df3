from django.urls import path

from alignment_portal.pages.api.scim import discovery, groups, users

# As directories write them: capital letters, and no slash at the end.
urlpatterns = [
    path("ServiceProviderConfig", discovery.ServiceProviderConfig.as_view(), name="scim-config"),
    path("ResourceTypes", discovery.ResourceTypes.as_view(), name="scim-resource-types"),
    path("ResourceTypes/<str:name>", discovery.OneResourceType.as_view(), name="scim-resource-type"),
    path("Schemas", discovery.Schemas.as_view(), name="scim-schemas"),
    path("Schemas/<str:name>", discovery.OneSchema.as_view(), name="scim-schema"),
    path("Me", discovery.Me.as_view(), name="scim-me"),
    path("Bulk", discovery.LeftOut.as_view(), name="scim-bulk"),
    path(".search", discovery.LeftOut.as_view(), name="scim-search"),
    path("Users/.search", discovery.LeftOut.as_view(), name="scim-users-search"),
    path("Groups/.search", discovery.LeftOut.as_view(), name="scim-groups-search"),
    path("Users", users.Users.as_view(), name="scim-users"),
    path("Users/<str:person_id>", users.OneUser.as_view(), name="scim-user"),
    path("Groups", groups.Groups.as_view(), name="scim-groups"),
    path("Groups/<str:group_id>", groups.OneGroup.as_view(), name="scim-group"),
    path("<path:rest>", discovery.Nothing.as_view(), name="scim-nothing"),
]
