"""Checking a PDF that somebody brings: what it says of itself is read here, what is true of it by its bytes."""

from alignment_portal.accounts.actors import Actor
from packs.rendering import named_in
from packs.selectors.genuineness import Checked, check_file


def check_upload(*, by: Actor, body: bytes) -> Checked:
    named = named_in(body)
    return check_file(
        by, body, names=named.ref if named else "", fingerprint=named.fingerprint if named else ""
    )
