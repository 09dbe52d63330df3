"""Make the secrets that docker-compose.yml reads, once, as files only their owner can read: `python3 deploy/make_secrets.py`."""

import secrets
from pathlib import Path

FOLDER = Path(__file__).with_name("secrets")


def main(folder: Path = FOLDER) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    passwords = {name: secrets.token_hex(32) for name in ("postgres", "redis")}
    wanted = {
        "secret_key": secrets.token_urlsafe(64),
        "postgres_password": passwords["postgres"],
        "database_url": f"postgres://portal:{passwords['postgres']}@postgres:5432/portal",
        "redis_password": passwords["redis"],
        "redis_url": f"redis://:{passwords['redis']}@redis:6379/0",
    }
    there = [name for name in wanted if (folder / name).exists()]
    if there:
        raise SystemExit(f"{folder} holds {', '.join(there)} already; nothing was changed.")
    for name, value in wanted.items():
        place = folder / name
        place.write_text(value, encoding="utf-8")
        place.chmod(
            0o444
        )  # compose shows it to the container's own user; the folder keeps everybody else out
    print(
        f"{len(wanted)} secrets are in {folder}. Keep a copy of secret_key elsewhere; keep all of them out of git."
    )


if __name__ == "__main__":
    main()
