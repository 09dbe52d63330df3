"""Walk every migration back and forth over a portal that holds something: `python -m tests.alignment_portal.walking`.

A program of its own, because it takes its database apart. It prints what it found as JSON.
"""

import json
import sys

import django


def main():
    django.setup()
    from django.core.management import call_command  # noqa: PLC0415 — app ready

    call_command("migrate", verbosity=0)
    fill()
    before = rows_of(kept_tables())
    walked = list(there_and_back())
    after = rows_of(kept_tables())
    for app in sorted(ours()):  # people first: nearly everything rests on them and goes with them
        call_command("migrate", app, "zero", verbosity=0)
    call_command("migrate", verbosity=0)
    sys.stdout.write(
        json.dumps({"steps": walked, "changed": differences(before, after), "faults": faults()}) + "\n"
    )


def ours():
    from django.apps import apps  # noqa: PLC0415 — app ready
    from django.conf import settings  # noqa: PLC0415 — app ready

    return {
        config.label
        for config in apps.get_app_configs()
        if (settings.BASE_DIR / config.name.replace(".", "/") / "migrations").is_dir()
    }


def fill():
    """Somebody, an initiative on its way, evidence, endorsements, a verdict and a pack."""
    from alignment_portal.dispatch import forget_due  # noqa: PLC0415 — app ready
    from initiatives.models import Initiative  # noqa: PLC0415 — app ready
    from packs.services.requests import request_pack  # noqa: PLC0415 — app ready
    from tests.gates import policy, scene  # noqa: PLC0415 — app ready
    from tests.people import actor, everybody  # noqa: PLC0415 — app ready

    everybody()
    policy.adopt()
    scene.saved(**scene.LEARNING)
    scene.standing_at("scale_ready", Initiative.objects.get())
    request_pack(by=actor("programme_manager"), subject="initiative:AI-0001")
    forget_due()


def steps():
    """(app, migration, the one before it in its app) of all that are not the first of their app, in order."""
    from django.db import connection  # noqa: PLC0415 — app ready
    from django.db.migrations.executor import MigrationExecutor  # noqa: PLC0415 — app ready

    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes(), clean_start=True)
    mine, latest, found = ours(), {}, []
    for migration, _ in plan:
        if migration.app_label in mine:
            if migration.app_label in latest:
                found.append((migration.app_label, migration.name, latest[migration.app_label]))
            latest[migration.app_label] = migration.name
    return found


def there_and_back():
    """One migration after the other undone, the last first; then one after the other done again."""
    from django.core.management import call_command  # noqa: PLC0415 — app ready

    for app, _, earlier in reversed(steps()):
        call_command("migrate", app, earlier, verbosity=0)
        yield {"step": f"{app} back to {earlier}", "missing": missing_guards()}
    for app, name, _ in steps():
        call_command("migrate", app, name, verbosity=0)
        yield {"step": f"{app} forward to {name}", "missing": missing_guards()}


def faults():
    from alignment_portal.audit import triggers  # noqa: PLC0415 — app ready

    return [name for name, _ in triggers.faults()]


def missing_guards():
    """Guards that are missing although their table is there with every column it has today."""
    from django.db import connection  # noqa: PLC0415 — app ready

    from alignment_portal.audit import triggers  # noqa: PLC0415 — app ready

    guards = {guard.name: guard.table for guard in triggers.registered()}
    whole = triggers.whole_tables(connection)
    return [name for name in faults() if guards[name] in whole]


def kept_tables():
    """Tables of ours that the first migrations make, by model: what later ones make goes and comes back empty."""
    from django.apps import apps  # noqa: PLC0415 — app ready
    from django.db import connection  # noqa: PLC0415 — app ready
    from django.db.migrations.executor import MigrationExecutor  # noqa: PLC0415 — app ready

    loader = MigrationExecutor(connection).loader
    firsts = [node for node in loader.graph.nodes if loader.graph.nodes[node].initial and node[0] in ours()]
    state = loader.project_state([node for node in firsts if node in loader.graph.nodes])
    found = {}
    for model in state.apps.get_models(include_auto_created=True):
        if model._meta.app_label in ours():
            columns = [field.column for field in model._meta.local_concrete_fields]
            current = next(
                (
                    m
                    for m in apps.get_models(include_auto_created=True)
                    if m._meta.db_table == model._meta.db_table
                ),
                None,
            )
            if current is not None:
                today = {field.column for field in current._meta.local_concrete_fields}
                found[model._meta.db_table] = [column for column in columns if column in today]
    return found


def rows_of(tables):
    from django.db import connection  # noqa: PLC0415 — app ready

    found = {}
    with connection.cursor() as cursor:
        for table, columns in tables.items():
            names = ", ".join(f'"{column}"' for column in columns)
            cursor.execute(f'SELECT {names} FROM "{table}"')
            found[table] = sorted(map(repr, cursor.fetchall()))
    return found


def differences(before, after):
    return sorted(table for table in before if before[table] != after[table])


if __name__ == "__main__":
    sys.exit(main())
