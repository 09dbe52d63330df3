"""The strict reader of what is set from outside (variables.py).

A value that is not understood stops the start: a portal must never run on a guess.
"""

import secrets
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

from alignment_portal.variables import FUNCTIONS, ROLES, SETTINGS

_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off"})
_BY_NAME = {setting.name: setting for setting in SETTINGS}


class Environment:
    """Typed readers over the variables of a process; each refuses what it does not know."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        self._variables = variables
        self._refuse_unknown_names()

    def _refuse_unknown_names(self) -> None:
        for name in self._variables:
            if name.startswith("PORTAL_") and name.removesuffix("_FILE") not in _BY_NAME:
                known = ", ".join(sorted(known for known in _BY_NAME if known.startswith("PORTAL_")))
                message = f"{name} is not a setting of the portal. Those that begin like it: {known}."
                raise ImproperlyConfigured(message)

    def text(self, name: str) -> str:
        setting = _BY_NAME[name]
        given = self._variables.get(name, "")
        path = self._variables.get(f"{name}_FILE", "") if setting.secret else ""
        if given and path:
            message = f"Both {name} and {name}_FILE are set. Keep one of them."
            raise ImproperlyConfigured(message)
        if path:
            return self._from_file(name, Path(path))
        return given.strip() or setting.default

    @staticmethod
    def _from_file(name: str, path: Path) -> str:
        try:
            value = path.read_text(encoding="utf-8").strip()
        except OSError as error:
            message = f"{name}_FILE names {path}, which cannot be read: {error.strerror}."
            raise ImproperlyConfigured(message) from error
        if not value:
            message = f"{name}_FILE names {path}, which is empty."
            raise ImproperlyConfigured(message)
        return value

    def flag(self, name: str) -> bool:
        value = self.text(name).lower()
        if value not in _TRUE | _FALSE:
            message = f"{name} is “{value}”. Write on or off."
            raise ImproperlyConfigured(message)
        return value in _TRUE

    def number(self, name: str) -> int:
        value = self.text(name)
        if not value.isascii() or not value.isdigit():
            message = f"{name} is “{value}”. Write a whole number, nought or more."
            raise ImproperlyConfigured(message)
        return int(value)

    def time_kept(self, name: str, unit: timedelta, *, least: int = 1) -> timedelta:
        """How long something is kept, as a number of the unit."""
        count = self.number(name)
        if count < least:
            message = f"{name} is {count}. Write {least} or more."
            raise ImproperlyConfigured(message)
        return count * unit

    def choice(self, name: str) -> str:
        value, choices = self.text(name), _BY_NAME[name].choices
        if value not in choices:
            message = f"{name} is “{value}”. Write one of: {', '.join(choices)}."
            raise ImproperlyConfigured(message)
        return value

    def names(self, name: str) -> list[str]:
        return [part.strip() for part in self.text(name).split(",") if part.strip()]

    def names_of(self, name: str) -> list[str]:
        """A list of names out of the choices of the setting."""
        given, choices = self.names(name), _BY_NAME[name].choices
        unknown = [part for part in given if part not in choices]
        if unknown:
            message = f"{name} holds “{unknown[0]}”. Write some of: {', '.join(choices)}."
            raise ImproperlyConfigured(message)
        return given

    def networks(self, name: str) -> list[IPv4Network | IPv6Network]:
        try:
            return [ip_network(text) for text in self.names(name)]
        except ValueError as error:
            message = f"{name} is not a list of networks such as 10.20.0.0/16: {error}."
            raise ImproperlyConfigured(message) from error

    def roles_of_groups(self, name: str) -> dict[str, tuple[tuple[str, str], ...]]:
        """`group=role:function` as a mapping; what the roles are is the business of accounts."""
        given: dict[str, tuple[tuple[str, str], ...]] = {}
        for part in self.names(name):
            group, _, role = part.rpartition("=")
            word, _, function = role.partition(":")
            if not group.strip() or word.strip() not in ROLES or function.strip() not in ("", *FUNCTIONS):
                message = f"{name} holds “{part}”. Write group=role or group=assurer:function."
                raise ImproperlyConfigured(message)
            given[group.strip()] = (*given.get(group.strip(), ()), (word.strip(), function.strip()))
        return given

    def url(self, name: str) -> str:
        value = self.text(name).rstrip("/")
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.netloc:
            message = f"{name} is “{value}”. Write an address that begins with http:// or https://."
            raise ImproperlyConfigured(message)
        return value

    def is_given(self, name: str) -> bool:
        return bool(
            self._variables.get(name) or (_BY_NAME[name].secret and self._variables.get(f"{name}_FILE"))
        )

    def demand(self, *names: str) -> None:
        """Production states these itself; nothing is guessed for it."""
        missing = [name for name in names if not self.is_given(name)]
        if missing:
            message = f"In production these must be set: {', '.join(missing)}."
            raise ImproperlyConfigured(message)


def kept_secret(path: Path, make: Callable[[], str] = lambda: secrets.token_urlsafe(64)) -> str:
    """The secret in `path`, made on the first run and readable by its owner only."""
    if path.exists():
        return path.read_text(encoding="utf-8").strip()
    path.parent.mkdir(parents=True, exist_ok=True)
    value = make()
    try:
        path.touch(mode=0o600, exist_ok=False)
    except FileExistsError:  # another process of the same first run was faster
        return _settled(path)
    path.write_text(value, encoding="utf-8")
    return value


def _settled(path: Path) -> str:
    """The secret another process is writing this instant."""
    for _ in range(100):
        if value := path.read_text(encoding="utf-8").strip():
            return value
        time.sleep(0.02)
    message = f"{path} is empty. Remove it, and the next start makes a new one."
    raise ImproperlyConfigured(message)
