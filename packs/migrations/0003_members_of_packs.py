"""Every pack names the initiatives it speaks of, so that who may read it is asked in one way for all of them."""

from django.db import migrations

NAME_THEM = """
INSERT INTO packs_packmember (build_id, initiative_id)
SELECT id, initiative_id FROM packs_packbuild WHERE initiative_id IS NOT NULL
"""
# The tables before know no paper of several initiatives, so going back takes these papers away.
SEVERAL = "(SELECT id FROM packs_packbuild WHERE initiative_id IS NULL)"
TAKE_AWAY = [
    f"DELETE FROM packs_packcopy WHERE file_id IN (SELECT id FROM packs_packfile WHERE build_id IN {SEVERAL})",
    f"DELETE FROM packs_packfile WHERE build_id IN {SEVERAL}",
    f"DELETE FROM packs_packreading WHERE build_id IN {SEVERAL}",
    "DELETE FROM packs_packmember",
    "DELETE FROM packs_packbuild WHERE initiative_id IS NULL",
]


class Migration(migrations.Migration):
    dependencies = [("packs", "0002_papers_of_several")]

    operations = [migrations.RunSQL(NAME_THEM, TAKE_AWAY)]
