import factory

from alignment_portal.audit.guard import writes_allowed


class PortalFactory(factory.django.DjangoModelFactory):
    """A factory that may write outside a service; nothing else in a test may."""

    class Meta:
        abstract = True

    @classmethod
    def _create(cls, model_class, *args, **kwargs):
        with writes_allowed():
            return super()._create(model_class, *args, **kwargs)
