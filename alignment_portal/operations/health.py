"""Whether the portal can work: its database, migrations, guards, file store and queue, each in a word."""

from typing import Any

import redis
from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from alignment_portal import files
from alignment_portal.audit.triggers import faults

OK = "ok"
# Without these nothing can be promised. Without the queue everything works: jobs wait in the database.
NEEDED = ("database", "migrations", "guards", "storage")


def state() -> dict[str, str]:
    return {**_database(), "storage": files.probe() or OK, "queue": _queue()}


def is_ready(found: dict[str, str]) -> bool:
    return all(found.get(name, OK) == OK for name in NEEDED)


def _database() -> dict[str, str]:
    try:
        executor = MigrationExecutor(connection)
        waiting = executor.migration_plan(executor.loader.graph.leaf_nodes())
        missing = faults()
    except DatabaseError:
        return {"database": "cannot be reached"}
    return {
        "database": OK,
        "migrations": f"{len(waiting)} not applied" if waiting else OK,
        "guards": f"{len(missing)} missing or changed" if missing else OK,
    }


def _queue() -> str:
    if not settings.REDIS_URL:
        return OK
    options: dict[str, Any] = {"socket_timeout": 2, "socket_connect_timeout": 2}
    try:
        with redis.Redis.from_url(settings.REDIS_URL, **options) as broker:
            broker.ping()
    except redis.RedisError:
        return "cannot be reached: jobs wait in the database"
    return OK
