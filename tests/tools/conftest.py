import importlib.util
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def tool():
    """Load a script by its name: tools/ and deploy/ hold scripts, not packages."""

    def load(name, folder="tools"):
        spec = importlib.util.spec_from_file_location(f"tool_{name}", ROOT / folder / f"{name}.py")
        module = importlib.util.module_from_spec(spec)
        sys.modules[spec.name] = module  # dataclasses look their module up
        spec.loader.exec_module(module)
        return module

    return load
