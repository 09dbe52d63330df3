#!/usr/bin/env bash
# Resolve pyproject.toml into the three locks: hashes, no download addresses. UPGRADE=1 takes newer versions.
set -euo pipefail
cd "$(dirname "$0")/.."
uv=.bootstrap/bin/uv
if ! "$uv" --version >/dev/null 2>&1; then
  "${PYTHON:-python3}" -m pip install --quiet --disable-pip-version-check --target .bootstrap --upgrade "uv>=0.9,<1"
fi
if [ -n "${PIP_INDEX_URL:-}" ]; then export UV_DEFAULT_INDEX=${UV_DEFAULT_INDEX:-$PIP_INDEX_URL}; fi

resolve() {
  local name=$1; shift
  "$uv" pip compile pyproject.toml "$@" ${UPGRADE:+--upgrade} --quiet --universal --python-version 3.11 \
    --fork-strategy fewest --generate-hashes --no-emit-index-url --no-header -o "requirements/$name.lock"
}

resolve main
# The same versions everywhere: what is tested is what runs.
extras=(--extra signing --extra storage --extra saml --extra tracing)
resolve dev --group dev "${extras[@]}" --constraint requirements/main.lock
resolve production --extra production "${extras[@]}" --constraint requirements/main.lock
