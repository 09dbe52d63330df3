import json

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from initiatives.dossier.canonical import builtins_of, canonical_json, fingerprint, pretty_json
from initiatives.dossier.differences import differences
from initiatives.dossier.document import Dossier, decode
from initiatives.dossier.parsing import parse
from initiatives.dossier.references import people_named
from tests.initiatives.dossier.strategies import documents


@given(documents())
def test_what_was_exported_is_imported_byte_for_byte(document):
    dossier = parse(json.dumps(document).encode())
    exported = pretty_json(dossier)
    again = parse(exported.encode())
    assert again == dossier
    assert pretty_json(again) == exported
    assert canonical_json(again) == canonical_json(dossier)


@given(documents())
def test_the_stored_text_is_read_back_as_the_same_dossier(document):
    dossier = parse(document)
    assert decode(canonical_json(dossier)) == dossier
    assert parse(dossier) == dossier


@given(documents(), st.randoms(use_true_random=False))
def test_the_order_of_names_does_not_change_the_fingerprint(document, random):
    def shuffled(value):
        if isinstance(value, dict):
            names = list(value)
            random.shuffle(names)
            return {name: shuffled(value[name]) for name in names}
        return [shuffled(item) for item in value] if isinstance(value, list) else value

    assert fingerprint(parse(shuffled(document))) == fingerprint(parse(document))


@given(documents())
def test_a_dossier_does_not_differ_from_itself_and_names_known_people(document):
    dossier = parse(document)
    assert differences(dossier, parse(builtins_of(dossier))) == ()
    assert {email for _, email in people_named(dossier)} <= {"ann@x.example", "bob@x.example", "cy@y.example"}


@given(documents(), documents())
def test_there_is_a_difference_exactly_when_the_fingerprints_differ(one, other):
    before, after = parse(one), parse(other)
    assert bool(differences(before, after)) == (fingerprint(before) != fingerprint(after))


def test_the_struct_and_the_schema_know_the_same_sections():
    assert list(msgspec.json.schema(Dossier)["$defs"]["Dossier"]["properties"]) == list(
        Dossier.__struct_fields__
    )
