#!/usr/bin/env python3
"""Generate a typed Python client of the REST interface, from the description the portal gives of itself.

    tools/client.py            into var/client/, to be installed with `pip install var/client`
    tools/client.py FOLDER     into another folder

What is generated is not kept with the sources: it follows from them. docs/api.md shows how to use it.
"""

import argparse
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
BIN = str(ROOT / ".venv" / "bin")
PACKAGE = "alignment_portal_client"
REFERENCE = "#/components/schemas/"
CONFIGURATION = {
    "project_name_override": "alignment-portal-client",
    "package_name_override": PACKAGE,
    # Files are bytes, whatever is in them.
    "content_type_overrides": {
        "application/pdf": "application/octet-stream",
        "text/calendar": "application/octet-stream",
    },
    "post_hooks": [],
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "var" / "client", metavar="FOLDER")
    folder = parser.parse_args().folder.resolve()
    with tempfile.TemporaryDirectory(prefix="portal-client-") as place:
        description = Path(place) / "description.json"
        describe(description)
        document = json.loads(description.read_text("utf-8"))
        description.write_text(json.dumps(Simple(document).document), "utf-8")
        told = generate(description, folder)
    if told.returncode != 0:
        print(told.stdout, told.stderr, sep="", file=sys.stderr)
        return 1
    print(f"The client is in {folder}.")
    return 0


def describe(file: Path) -> None:
    command = [f"{BIN}/python", "manage.py", "spectacular", "--format", "openapi-json", "--file", str(file)]
    subprocess.run(command, cwd=ROOT, check=True)


def generate(description: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """A warning means that a call would be missing, and is a failure."""
    configuration = description.with_name("configuration.json")
    configuration.write_text(json.dumps(CONFIGURATION), "utf-8")
    folder.parent.mkdir(parents=True, exist_ok=True)
    places = ["--path", str(description), "--config", str(configuration), "--output-path", str(folder)]
    command = [f"{BIN}/openapi-python-client", "generate", *places, "--overwrite", "--fail-on-warning"]
    return subprocess.run(command, text=True, capture_output=True, check=False)


class Simple:
    """The same description in a form of which each shape becomes one class, with a name that can be read.

    A dossier is described where it is used, with everything in it. Here each of its parts becomes a component, so that
    what is read and what is sent are of one type.
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.components: dict[str, Any] = dict(document["components"]["schemas"])
        paths = self.simplified(document["paths"])
        kept = {name: self.simplified(shape) for name, shape in self.components.items()}
        self.document = {
            **document,
            "paths": paths,
            "components": {**document["components"], "schemas": {**self.components, **kept}},
        }

    def simplified(self, value: Any) -> Any:
        if isinstance(value, list):
            return [self.simplified(inner) for inner in value]
        if not isinstance(value, Mapping):
            return value
        # `items: false` closes a list after its first items; the generator knows no closed lists.
        shape = {
            name: self.simplified(inner)
            for name, inner in value.items()
            if not (name == "items" and inner is False)
        }
        if "requestBody" in shape:
            shape["requestBody"] = self.in_one_form(shape["requestBody"])
        title = shape.get("title")
        if not isinstance(title, str):
            return shape
        # A title is a sentence for people here, and would become the name of a class.
        del shape["title"]
        return {"$ref": REFERENCE + self.named(title, shape)} if "properties" in shape else shape

    def in_one_form(self, body: Mapping[str, Any]) -> dict[str, Any]:
        """A body is sent as JSON, or as a form where there is a file in it: a method sends it in one way."""
        content = body["content"]
        as_form = content.get("multipart/form-data")
        kind = "multipart/form-data" if as_form and self.holds_file(as_form["schema"]) else "application/json"
        return {**body, "content": {kind: content[kind]} if kind in content else content}

    def holds_file(self, schema: Mapping[str, Any]) -> bool:
        shape = self.components.get(schema.get("$ref", "").removeprefix(REFERENCE), schema)
        return '"binary"' in json.dumps(shape)

    def named(self, title: str, shape: Mapping[str, Any]) -> str:
        """The name of the component of that shape, made when it is new."""
        stem = "".join(word.capitalize() if word.islower() else word for word in re.findall(r"\w+", title))
        for name in (stem, f"{stem}Part", f"{stem}Change", *(f"{stem}{number}" for number in range(2, 100))):
            if self.components.setdefault(name, shape) == shape:
                return name
        raise ValueError(f"Too many shapes are called “{title}”.")


if __name__ == "__main__":
    sys.exit(main())
