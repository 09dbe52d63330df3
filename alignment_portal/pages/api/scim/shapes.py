"""The shapes of SCIM for the description of the interface; what is read is read by wishes.py and patching.py."""

from typing import Any

from rest_framework import serializers

from alignment_portal.pages.api.scim.protocol import MOST, USUAL

Shape = serializers.Serializer[Any]


class CutQuery(Shape):
    attributes = serializers.CharField(required=False, help_text="Only these, separated by commas")
    excludedAttributes = serializers.CharField(required=False, help_text="All but these")  # noqa: N815 — RFC 7644's name


class ListQuery(CutQuery):
    filter = serializers.CharField(required=False, help_text='Such as `userName eq "ann@example.org"`')
    startIndex = serializers.IntegerField(required=False, help_text="Counts from 1")  # noqa: N815 — RFC 7644's name
    count = serializers.IntegerField(required=False, help_text=f"At most {MOST}; {USUAL} when left out")


class ErrorOut(Shape):
    schemas = serializers.ListField(child=serializers.CharField())
    status = serializers.CharField()
    scimType = serializers.CharField(required=False)  # noqa: N815 — RFC 7644's name
    detail = serializers.CharField()


class NameShape(Shape):
    formatted = serializers.CharField(required=False)
    givenName = serializers.CharField(required=False)  # noqa: N815 — RFC 7643's name
    familyName = serializers.CharField(required=False)  # noqa: N815 — RFC 7643's name


class MailShape(Shape):
    value = serializers.EmailField()
    type = serializers.CharField(required=False)
    primary = serializers.BooleanField(required=False)


class PlaceOut(Shape):
    value = serializers.CharField(help_text="The id")
    display = serializers.CharField()

    def get_fields(self) -> dict[str, Any]:
        return {**super().get_fields(), "$ref": serializers.URLField()}


class UserIn(Shape):
    schemas = serializers.ListField(child=serializers.CharField(), required=False)
    userName = serializers.EmailField(help_text="The e-mail address")  # noqa: N815 — RFC 7643's name
    externalId = serializers.CharField(required=False, max_length=255)  # noqa: N815 — RFC 7643's name
    displayName = serializers.CharField(required=False, max_length=120)  # noqa: N815 — RFC 7643's name
    name = NameShape(required=False)
    title = serializers.CharField(required=False, max_length=120)
    timezone = serializers.CharField(required=False)
    emails = MailShape(many=True, required=False)
    active = serializers.BooleanField(required=False)


class MetaOut(Shape):
    resourceType = serializers.CharField()  # noqa: N815 — RFC 7643's name
    created = serializers.DateTimeField(required=False)
    location = serializers.URLField()


class UserOut(UserIn):
    id = serializers.UUIDField()
    groups = PlaceOut(many=True)
    meta = MetaOut()


class ScimGroupIn(Shape):
    schemas = serializers.ListField(child=serializers.CharField(), required=False)
    displayName = serializers.CharField()  # noqa: N815 — RFC 7643's name
    members = serializers.ListField(child=serializers.DictField(), required=False)


class ScimGroupOut(Shape):
    schemas = serializers.ListField(child=serializers.CharField())
    id = serializers.UUIDField()
    displayName = serializers.CharField()  # noqa: N815 — RFC 7643's name
    members = PlaceOut(many=True, required=False)
    meta = MetaOut()


class ListOut(Shape):
    schemas = serializers.ListField(child=serializers.CharField())
    totalResults = serializers.IntegerField()  # noqa: N815 — RFC 7644's name
    startIndex = serializers.IntegerField()  # noqa: N815 — RFC 7644's name
    itemsPerPage = serializers.IntegerField()  # noqa: N815 — RFC 7644's name


class UserListOut(ListOut):
    Resources = UserOut(many=True)


class ScimGroupListOut(ListOut):
    Resources = ScimGroupOut(many=True)


class DescriptionListOut(ListOut):
    Resources = serializers.ListField(child=serializers.DictField())


class OperationIn(Shape):
    op = serializers.CharField(help_text="add, replace or remove")
    path = serializers.CharField(required=False)
    value = serializers.JSONField(required=False)


class PatchIn(Shape):
    schemas = serializers.ListField(child=serializers.CharField(), required=False)
    Operations = OperationIn(many=True)
