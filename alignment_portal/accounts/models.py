import uuid
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from alignment_portal import clock
from alignment_portal.accounts.roles import Function, Role
from alignment_portal.writing import writes_allowed


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> "User":
        return self.get(email=(username or "").strip().lower())

    def with_roles(self) -> models.QuerySet["User"]:
        active = RoleGrant.objects.filter(revoked_at__isnull=True)
        return self.prefetch_related(models.Prefetch("grants", queryset=active, to_attr="active_grants"))


class User(AbstractBaseUser):
    """A person. The e-mail address is how dossiers name them and how they sign in."""

    # Django's own last_login is written behind the services' back, so the portal keeps its own visits.
    last_login = None

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=120)
    title = models.CharField(_("title"), max_length=120, blank=True)
    function = models.CharField(_("function"), max_length=20, choices=Function, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")
    theme = models.CharField(
        _("theme"),
        max_length=8,
        default="system",
        choices=[("system", _("as the device")), ("light", _("light")), ("dark", _("dark"))],
    )
    is_active = models.BooleanField(_("active"), default=True)
    deactivated_at = models.DateTimeField(_("deactivated"), null=True, blank=True)
    date_joined = models.DateTimeField(_("joined"), default=clock.now)
    visited_at = models.DateTimeField(_("this visit"), null=True, blank=True)
    visited_before_at = models.DateTimeField(_("visit before"), null=True, blank=True)
    version = models.PositiveIntegerField(default=1)
    # A program of its own, which works by tokens alone and never judges.
    is_service = models.BooleanField(_("service account"), default=False)
    # What the directory that provisions accounts calls the person; it is told back, and decides nothing.
    external_id = models.CharField(
        _("id in the directory"), max_length=255, blank=True, default="", db_default=""
    )
    # Name and address were replaced by a pseudonym for good; the account never opens again.
    erased_at = models.DateTimeField(_("erased"), null=True, blank=True)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects = UserManager()

    class Meta:
        ordering: ClassVar = ["name", "email"]
        verbose_name = _("person")
        verbose_name_plural = _("people")
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(email=Lower("email")), name="user_email_is_lower_case"),
            models.CheckConstraint(condition=~Q(name=""), name="user_has_a_name"),
            models.CheckConstraint(
                condition=Q(is_active=True, deactivated_at__isnull=True)
                | Q(is_active=False, deactivated_at__isnull=False),
                name="user_inactive_since_is_known",
            ),
            models.CheckConstraint(
                condition=Q(function__in=["", *Function.values]), name="user_function_is_known"
            ),
            models.CheckConstraint(
                condition=Q(erased_at__isnull=True) | Q(email__endswith="@erased.invalid"),
                name="user_erased_has_a_pseudonym",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_full_name(self) -> str:
        return self.name

    def check_password(self, raw_password: str | None) -> bool:
        if raw_password is None or self.is_service:
            return False
        # A stronger hasher re-hashes on sign-in; that write belongs to the framework.
        with writes_allowed():
            return super().check_password(raw_password)

    def current_grants(self) -> "list[RoleGrant]":
        if hasattr(self, "active_grants"):
            return list(self.active_grants)
        return list(self.grants.filter(revoked_at__isnull=True))

    @property
    def is_staff(self) -> bool:
        """The read-only admin is for administrators."""
        return self.is_active and any(grant.role == Role.ADMINISTRATOR for grant in self.current_grants())

    @property
    def is_superuser(self) -> bool:
        return False

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        return perm.partition(".")[2].startswith("view_") and self.is_staff

    def has_perms(self, perm_list: list[str], obj: Any = None) -> bool:
        return all(self.has_perm(perm, obj) for perm in perm_list)

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_staff


class Source(models.TextChoices):
    HAND = "hand", _("given by an administrator")
    GROUP = "group", _("from a group")


class RoleGrant(models.Model):
    """A role somebody held from `granted_at` until `revoked_at`. Rows are never removed."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="grants")
    role = models.CharField(_("role"), max_length=20, choices=Role)
    function = models.CharField(_("function"), max_length=20, choices=Function, blank=True)
    # A role from a group of the organisation's sign-in comes and goes with the group.
    source = models.CharField(_("source"), max_length=8, choices=Source, default=Source.HAND)
    granted_at = models.DateTimeField(default=clock.now)
    granted_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["user", "role", "function", "granted_at"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["user", "role", "function"],
                condition=Q(revoked_at__isnull=True),
                name="one_active_grant_of_a_role",
            ),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="grant_role_is_known"),
            models.CheckConstraint(condition=Q(source__in=Source.values), name="grant_source_is_known"),
            models.CheckConstraint(
                condition=Q(function__in=["", *Function.values]), name="grant_function_is_known"
            ),
            models.CheckConstraint(
                condition=Q(revoked_at__isnull=True) | Q(revoked_at__gte=F("granted_at")),
                name="grant_ends_after_it_begins",
            ),
        ]

    def __str__(self) -> str:
        return (
            f"{self.get_role_display()} ({self.get_function_display()})"
            if self.function
            else str(self.get_role_display())
        )


class GroupMember(models.Model):
    """Somebody the directory put into a group that gives roles (PORTAL_SSO_ROLES), until it takes them out."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="provisioned_groups")
    group = models.CharField(_("group"), max_length=200)
    since = models.DateTimeField(default=clock.now)

    class Meta:
        ordering: ClassVar = ["group", "pk"]
        verbose_name = _("place in a group")
        verbose_name_plural = _("places in groups")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["group", "user"], name="in_a_group_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.group}"


class ApiToken(models.Model):
    """A way in for a program, on behalf of its owner. Only the digest of the secret is kept."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="tokens")
    name = models.CharField(_("name"), max_length=80)
    prefix = models.CharField(max_length=12, unique=True)
    digest = models.CharField(max_length=64, unique=True)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField(default=clock.now)
    expires_at = models.DateTimeField(null=True, blank=True)
    rate = models.PositiveIntegerField(null=True, blank=True, help_text="Requests a minute; empty: the usual")
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    replaced_at = models.DateTimeField(
        null=True, blank=True, help_text="When a successor was issued, which ended it early"
    )
    lasts = models.DurationField(
        null=True, blank=True, help_text="How long it was meant to last before it was replaced; empty: always"
    )

    class Meta:
        ordering: ClassVar = ["-created_at"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(expires_at__isnull=True) | Q(expires_at__gt=F("created_at")),
                name="token_expires_after_it_is_issued",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} (ap_{self.prefix}_…)"

    def is_live(self) -> bool:
        expired = self.expires_at is not None and self.expires_at <= clock.now()
        return self.revoked_at is None and not expired


class CalendarFeed(models.Model):
    """The secret address of somebody's dates. Only the digest of its key is kept."""

    user = models.OneToOneField(User, on_delete=models.PROTECT, related_name="calendar_feed")
    digest = models.CharField(max_length=64, unique=True)
    opened_at = models.DateTimeField(default=clock.now)
    read_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"dates of {self.user_id}"


class SignIn(models.Model):
    """A browser somebody is signed in with, or was; its session can be ended from elsewhere."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="sign_ins")
    session_key = models.CharField(max_length=40, null=True, unique=True)
    device = models.CharField(_("device"), max_length=120, blank=True)
    address = models.CharField(_("address"), max_length=45, blank=True)
    started_at = models.DateTimeField(default=clock.wall)
    seen_at = models.DateTimeField(default=clock.wall)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["-seen_at"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, session_key__isnull=False)
                | Q(ended_at__isnull=False, session_key__isnull=True),
                name="sign_in_has_a_session_until_it_ends",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.device}, since {self.started_at:%Y-%m-%d %H:%M}"


class SignInAttempt(models.Model):
    """A failed sign-in, counted against the account tried and against the address it came from."""

    kind = models.CharField(max_length=10, choices=[("account", _("account")), ("address", _("address"))])
    digest = models.CharField(max_length=64)
    at = models.DateTimeField(default=clock.wall)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["kind", "digest", "at"], name="attempts_by_whom")]

    def __str__(self) -> str:
        return f"{self.kind} {self.at}"
