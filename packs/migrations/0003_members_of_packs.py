"""Every pack names the initiatives it speaks of, so that who may read it is asked in one way for all of them."""

from django.db import migrations
from django.db.migrations.exceptions import IrreversibleError

NAME_THEM = """
INSERT INTO packs_packmember (build_id, initiative_id)
SELECT id, initiative_id FROM packs_packbuild WHERE initiative_id IS NOT NULL
"""


def refuse_to_lose_papers(apps, schema_editor):
    """Going back, the older tables know no paper of several initiatives: no paper is taken away."""
    papers = apps.get_model("packs", "PackBuild").objects.filter(initiative=None).count()
    if papers:
        message = (
            f"{papers} papers of several initiatives have no place in the older tables. "
            "Restore a backup instead."
        )
        raise IrreversibleError(message)


class Migration(migrations.Migration):
    dependencies = [("packs", "0002_papers_of_several")]

    operations = [
        migrations.RunSQL(NAME_THEM, "DELETE FROM packs_packmember"),  # what it had put there itself
        migrations.RunPython(migrations.RunPython.noop, refuse_to_lose_papers),
    ]
