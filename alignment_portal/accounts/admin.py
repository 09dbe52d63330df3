"""The admin reads, but not how people sign in: what the sign-in library registers comes out again."""

from django.contrib import admin

LIBRARY = ("account", "mfa", "socialaccount")

for model in [model for model in admin.site._registry if model._meta.app_label in LIBRARY]:  # noqa: SLF001 — the admin's own list
    admin.site.unregister(model)
