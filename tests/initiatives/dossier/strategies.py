"""Whole dossiers drawn from the document's own types, then made coherent by the tables that check them."""

import datetime as dt
import string

from hypothesis import strategies as st
from msgspec import inspect

from initiatives.dossier.coherence import NAMED_ONCE, ORDERS, REFERENCES, SUBKINDS
from initiatives.dossier.document import Dossier
from initiatives.dossier.parts import PART_LISTS
from initiatives.dossier.pointers import find, rows

CODES = st.sampled_from(["a", "b1", "c-2", "d.3", "e_4", "f"])
EMAILS = st.sampled_from(["ann@x.example", "bob@x.example", "cy@y.example"])
KEYS = st.from_regex(r"[A-Z][A-Z0-9]{0,3}-[0-9]{4,6}", fullmatch=True)
CURRENCIES = st.text(string.ascii_uppercase, min_size=3, max_size=3)
CHARACTERS = st.characters(
    exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff", include_characters="\t\n"
)


def texts(kind):
    if kind.pattern is None:
        return st.text(CHARACTERS, min_size=kind.min_length or 0, max_size=min(kind.max_length, 30))
    if "@" in kind.pattern:
        return EMAILS
    return CURRENCIES if "{3}" in kind.pattern else KEYS if "[A-Z]" in kind.pattern else CODES


def numbers(kind):
    low = kind.ge if kind.ge is not None else kind.gt
    bounds = {"min_value": low, "max_value": kind.le}
    if isinstance(kind, inspect.IntType):
        return st.integers(**bounds)
    whole = st.integers(int(low) + 1, int(kind.le)) if kind.le > 1 else st.nothing()
    return st.floats(**bounds, exclude_min=kind.gt is not None, allow_subnormal=False) | whole


def values(kind):
    """Plain JSON values of one msgspec type."""
    if isinstance(kind, inspect.Metadata):
        return values(kind.type)
    if isinstance(kind, inspect.UnionType):
        return st.one_of(*map(values, kind.types))
    if isinstance(kind, inspect.VarTupleType):
        return st.lists(values(kind.item_type), max_size=3)
    if isinstance(kind, inspect.TupleType):
        return st.tuples(*map(values, kind.item_types)).map(list)
    if isinstance(kind, inspect.LiteralType):
        return st.sampled_from(kind.values)
    if isinstance(kind, inspect.StructType):
        return structs(kind)
    if isinstance(kind, inspect.StrType):
        return texts(kind)
    if isinstance(kind, inspect.IntType | inspect.FloatType):
        return numbers(kind)
    if isinstance(kind, inspect.DateType):
        return st.dates(dt.date(1990, 1, 1), dt.date(2099, 12, 31)).map(dt.date.isoformat)
    return {inspect.BoolType: st.booleans(), inspect.NoneType: st.none()}[type(kind)]


def structs(kind):
    needed = {field.encode_name: values(field.type) for field in kind.fields if field.required}
    optional = {field.encode_name: values(field.type) for field in kind.fields if not field.required}
    return st.fixed_dictionaries(needed, optional=optional)


def documents():
    """Plain documents that are dossiers; e-mails are in lower case, as the portal keeps them."""
    return values(inspect.type_info(Dossier)).map(made_coherent)


def made_coherent(document):
    keep_first_of_each(document)
    for path in NAMED_ONCE:
        for _, names in find(document, path):
            names[:] = dict.fromkeys(names)
    for node in (node for _, node in rows(document, "outcome_chain/nodes")):
        if node.get("subkind") not in SUBKINDS.get(node["kind"], ()):
            node.pop("subkind", None)
    keep_known_references(document)
    for _ in range(2):  # the third order of a row may undo the first
        keep_order(document)
    break_circles(document)
    keep_first_of_each(document)  # a shift has lost its deployment or turned its dates, and may equal another
    return document


def keep_first_of_each(document):
    for part in PART_LISTS:
        outer, inside, inner = part.path.partition("/*/")
        for _, parent in list(rows(document, outer)) if inside else [("", document)]:
            for _, found in find(parent, inner or outer):
                keep_first(found, part.key)


def keep_first(found, key):
    seen = {}
    for row in found:
        seen.setdefault(tuple(str(row.get(field) or "").casefold() for field in key), row)
    found[:] = seen.values()


def keep_known_references(document):
    for path, target, _ in REFERENCES:
        known = [row["code"] for _, row in rows(document, target)]
        *above, last = path.split("/")
        if last == "*":
            for _, names in find(document, "/".join(above)):
                names[:] = [name for name in names if name in known]
        elif above[-1] == "*":
            for _, found in find(document, "/".join(above[:-1])):
                needed = (
                    {"from", "to", "group", "deployment", "metric"}
                    if "links" in path or "guards" in path
                    else set()
                )
                needed |= {"group"} | ({"deployment"} if "per_deployment" in path else set())
                found[:] = [row for row in found if row.get(last) in known or last not in needed]
                for row in found:
                    if row.get(last) not in known:
                        row.pop(last, None)
        else:
            for _, holder in list(find(document, "/".join(above[:-1]))):
                if holder.get(above[-1]) and holder[above[-1]][last] not in known:
                    holder[above[-1]] = None


def keep_order(document):
    for path, first, after, _ in ORDERS:
        for _, row in list(find(document, path)):
            if row and (
                first.startswith("days") or (row.get(first) is not None and row.get(after) is not None)
            ):
                row[first], row[after] = sorted((row.get(first, 0), row.get(after, 0)))


def break_circles(document):
    chain = document.get("outcome_chain", {})
    if "links" in chain:
        chain["links"] = [link for link in chain["links"] if link["from"] < link["to"]]
    for _, metric in rows(document, "metrics"):
        code = metric["code"]
        if "derived_from" in metric:
            metric["derived_from"] = [name for name in metric["derived_from"] if name < code]
        if "guards" in metric:
            metric["guards"] = [guard for guard in metric["guards"] if guard["metric"] != code]
        if (metric.get("leading") or {}).get("metric") == code:
            metric["leading"] = None
