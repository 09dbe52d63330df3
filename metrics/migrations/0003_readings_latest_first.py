import django.db.models.deletion
from django.db import migrations, models
from django.db.models import F
from django.db.models.functions import Abs


class Migration(migrations.Migration):
    """The same uniqueness in the order in which readings are read; what is new comes before what it replaces goes."""

    dependencies = [("metrics", "0002_spread_of_observations")]

    operations = [
        migrations.AddConstraint(
            model_name="observation",
            constraint=models.UniqueConstraint(
                fields=("metric", "segment", "deployment", "period_end", "period_start", "revision"),
                name="one_value_a_period_and_revision",
            ),
        ),
        migrations.AddIndex(
            model_name="observation",
            index=models.Index(
                Abs("metric"), F("recorded_at").desc(), F("id").desc(), name="observations_latest_first"
            ),
        ),
        migrations.RemoveConstraint(model_name="observation", name="one_value_a_revision"),
        migrations.RemoveIndex(model_name="observation", name="observations_by_time"),
        migrations.AlterField(
            model_name="observation",
            name="metric",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="observations",
                to="metrics.metric",
            ),
        ),
    ]
