"""Hold the import rules of pyproject.toml over the modules that exist so far.

import-linter refuses a contract that names a module not yet written. This leaves those out,
names them, and checks all the rest; `--strict` refuses the leaving out as well.
"""

import sys
import tempfile
import tomllib
from pathlib import Path
from typing import Any

import tomli_w
from importlinter.cli import EXIT_STATUS_ERROR, EXIT_STATUS_SUCCESS, lint_imports

ROOT = Path(__file__).resolve().parent.parent


def is_written(module: str) -> bool:
    path = ROOT / module.replace(".", "/")
    return "*" in module or path.is_dir() or path.with_suffix(".py").is_file()


def is_ours(module: str, roots: list[str]) -> bool:
    return module.split(".", maxsplit=1)[0] in roots


def split_layer(layer: str) -> list[str]:
    return [name.strip() for name in layer.split("|")]


def loosen_layers(contract: dict[str, Any]) -> set[str]:
    """Bracket every layer that does not exist; answer with what was bracketed."""
    containers = contract.get("containers", [""])
    missing: set[str] = set()
    layers = []
    for layer in contract["layers"]:
        names = split_layer(layer)
        absent = {
            name
            for name in names
            if not name.startswith("(")
            and not all(is_written(f"{container}.{name}".lstrip(".")) for container in containers)
        }
        missing |= absent
        layers.append(" | ".join(f"({name})" if name in absent else name for name in names))
    contract["layers"] = layers
    return missing


def loosen_lists(contract: dict[str, Any], roots: list[str]) -> set[str]:
    missing: set[str] = set()
    for key in ("source_modules", "forbidden_modules", "protected_modules", "allowed_importers"):
        names = contract.get(key, [])
        absent = {name for name in names if is_ours(name, roots) and not is_written(name)}
        missing |= absent
        if names:
            contract[key] = [name for name in names if name not in absent]
    return missing


def loosen(rules: dict[str, Any]) -> set[str]:
    """Leave unwritten modules out of all contracts, in place; answer with their names."""
    missing: set[str] = set()
    kept = []
    for contract in rules["contracts"]:
        absent = loosen_layers(contract) if contract["type"] == "layers" else set()
        absent |= loosen_lists(contract, rules["root_packages"])
        missing |= absent
        if all(contract[key] for key in contract if key.endswith("_modules")):
            kept.append(contract)
    rules["contracts"] = kept
    return missing


def main(arguments: list[str]) -> int:
    rules = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    missing = loosen(rules)
    if missing:
        print("Not written yet, so not held to the import rules: " + ", ".join(sorted(missing)))
        if "--strict" in arguments:
            return EXIT_STATUS_ERROR
    with tempfile.NamedTemporaryFile("wb", suffix=".toml") as config:
        tomli_w.dump({"tool": {"importlinter": rules}}, config)
        config.flush()
        sys.path.insert(0, str(ROOT))
        code = lint_imports(config_filename=config.name, no_cache=True)
    return EXIT_STATUS_SUCCESS if code == EXIT_STATUS_SUCCESS else code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
