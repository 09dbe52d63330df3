import unicodedata

import django.db.models.deletion
from django.db import NotSupportedError, OperationalError, ProgrammingError, migrations, models, transaction

AT_ONCE = 2000
TRIGRAMS = "CREATE INDEX IF NOT EXISTS initiatives_searchtext_parts ON initiatives_searchtext USING gin (text gin_trgm_ops)"


def write_texts(apps, schema_editor):
    """The texts of the initiatives there are, as `initiatives.models.search.text_of` makes them, in order of age."""
    initiative, search_text = (apps.get_model("initiatives", name) for name in ("Initiative", "SearchText"))
    rows = initiative.objects.order_by("created_at", "key").values_list("pk", "key", "title", "summary")
    some = []
    for pk, *words in rows.iterator(chunk_size=AT_ONCE):
        folded = unicodedata.normalize("NFKC", " ".join(words)).casefold()
        some.append(search_text(initiative_id=pk, text=" ".join(folded.split())))
        if len(some) == AT_ONCE:
            search_text.objects.bulk_create(some)
            some = []
    search_text.objects.bulk_create(some)


def index_parts(apps, schema_editor):
    """Without the extension a search finds the same, and takes longer: a server may refuse it."""
    if schema_editor.connection.vendor != "postgresql":
        return
    try:
        with transaction.atomic(using=schema_editor.connection.alias):
            schema_editor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    except (ProgrammingError, OperationalError, NotSupportedError):
        return
    schema_editor.execute(TRIGRAMS)


def drop_index(apps, schema_editor):
    """SQLite's index is no table of a model: it goes with the texts that it leads to."""
    if schema_editor.connection.vendor == "sqlite":
        schema_editor.execute("DROP TABLE IF EXISTS initiatives_searchindex")


class Migration(migrations.Migration):
    dependencies = [("initiatives", "0004_change_load_of_what_is_there")]

    operations = [
        migrations.CreateModel(
            name="SearchText",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("text", models.TextField()),
                (
                    "initiative",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="search_text",
                        to="initiatives.initiative",
                    ),
                ),
            ],
            options={"ordering": ["pk"]},
        ),
        migrations.RunPython(write_texts, migrations.RunPython.noop),
        migrations.RunPython(index_parts, drop_index),
    ]
