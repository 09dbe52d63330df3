#!/usr/bin/env bash
# Build .venv from requirements/<which>.lock, only when that lock has not been installed yet.
# A .venv that is a link belongs to somebody else: it is installed into, never rebuilt.
set -euo pipefail
cd "$(dirname "$0")/.."
which=${1:?main or dev}
lock=requirements/$which.lock
python=${PYTHON:-python3}

say() { printf '%s\n' "$*" >&2; }

command -v "$python" >/dev/null || { say "Python 3.11 or newer is needed: install python3, then run make again."; exit 1; }
"$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
  || { say "Python 3.11 or newer is needed; $python is $("$python" -V 2>&1 | cut -d' ' -f2). Name another one: make PYTHON=python3.12"; exit 1; }

hash=$("$python" -c 'import hashlib, sys; print(hashlib.sha256(open(sys.argv[1], "rb").read()).hexdigest()[:20])' "$lock")
stamp=.venv/.installed-$which-$hash
if [ -e "$stamp" ] && .venv/bin/python -c '' 2>/dev/null; then exit 0; fi

# uv reads none of pip's settings: hand over the registry and the certificates this machine is set up with.
index=${PIP_INDEX_URL:-$("$python" -m pip config get global.index-url 2>/dev/null || true)}
if [ -n "$index" ]; then export UV_DEFAULT_INDEX=${UV_DEFAULT_INDEX:-$index}; fi
if [ -n "${PIP_CERT:-}" ]; then export SSL_CERT_FILE=${SSL_CERT_FILE:-$PIP_CERT}; fi
export UV_LINK_MODE=${UV_LINK_MODE:-copy} UV_NO_PROGRESS=1

uv=.bootstrap/bin/uv
find_uv() {
  if [ -x "$uv" ] && "$uv" --version >/dev/null 2>&1; then return 0; fi
  "$python" -m pip --version >/dev/null 2>&1 || return 1
  say "Fetching uv, which installs packages …"
  "$python" -m pip install --quiet --disable-pip-version-check --target .bootstrap --upgrade "uv>=0.9,<1" >&2
}

add_venv_package() {
  # Debian's python3 comes without venv and pip.
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    say "Installing python3-venv and python3-pip …"
    apt-get update -qq >&2 && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv python3-pip >&2
  else
    say "Python's venv and pip are missing: run 'apt-get install python3-venv python3-pip' as root, then make again."
    exit 1
  fi
}

find_uv || { "$python" -m venv --help >/dev/null 2>&1 && "$python" -c 'import ensurepip' 2>/dev/null; } || add_venv_package

if ! .venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
  if [ -L .venv ]; then say ".venv is a link to an environment that does not run: mend or remove the link."; exit 1; fi
  say "Building .venv …"
  rm -rf .venv
  if find_uv; then "$uv" venv --quiet --python "$(command -v "$python")" .venv; else "$python" -m venv .venv; fi
fi

say "Installing the locked packages ($lock) …"
if ! { find_uv && "$uv" pip install --quiet --python .venv/bin/python --require-hashes -r "$lock"; }; then
  say "uv could not do it; trying pip …"
  .venv/bin/python -m pip --version >/dev/null 2>&1 || .venv/bin/python -m ensurepip >/dev/null
  .venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r "$lock"
fi
rm -f .venv/.installed-"$which"-*
touch "$stamp"
