"""Work out what every initiative asks of its groups and months, once, from the documents that are current."""

from itertools import islice

from django.db import migrations
from django.db.models import F

from initiatives.dossier.change_load import asked_by_month
from initiatives.dossier.document import decode_asks
from initiatives.models.change import ChangeLoad
from initiatives.models.projection import row_id

AT_ONCE = 1000


def fill(apps, schema_editor):
    there_then = apps.get_model("initiatives", "ChangeLoad")
    current = apps.get_model("initiatives", "DossierVersion").objects.filter(number=F("initiative__version"))
    rows = iter(_rows(there_then, current.values_list("initiative_id", "document").iterator(chunk_size=200)))
    while portion := list(islice(rows, AT_ONCE)):
        there_then.objects.bulk_create(portion, ignore_conflicts=True)


def _rows(there_then, documents):
    for initiative, document in documents:
        for (group, month), millionths in asked_by_month(decode_asks(document).change_impact).items():
            yield there_then(
                id=row_id(initiative, ChangeLoad, group, month),
                initiative_id=initiative,
                group=group,
                month=month,
                millionths=millionths,
            )


class Migration(migrations.Migration):
    dependencies = [("initiatives", "0003_change_load")]

    # The way back leaves the rows: they go with their table, and are not written twice on the way forth.
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
