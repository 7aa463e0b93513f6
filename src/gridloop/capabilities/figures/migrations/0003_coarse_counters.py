from django.db import migrations, models

# The new axes are sums of those there are; read once, from the first row to the last.
FORWARD = """
    INSERT INTO figures_counter (grain, axis, what, starts_on, region_id, unit_id, key, n, excluded)
    SELECT c.grain, a.coarse, c.what, c.starts_on,
           CASE a.coarse WHEN 'region' THEN c.region_id ELSE 0 END,
           CASE a.coarse WHEN 'unit' THEN c.unit_id ELSE 0 END,
           c.key, sum(c.n), sum(c.excluded)
    FROM figures_counter c JOIN (VALUES
        ('town', ''), ('region', ''), ('unit', ''), ('town_category', 'category'), ('town_channel', 'channel')
    ) AS a (coarse, fine) ON a.fine = c.axis
    WHERE c.grain <> 's' GROUP BY 1, 2, 3, 4, 5, 6, 7
"""
BACK = "DELETE FROM figures_counter WHERE axis NOT IN ('', 'category', 'channel')"


class Migration(migrations.Migration):
    dependencies = [("figures", "0002_deltas")]

    operations = [
        migrations.AlterField(
            model_name="counter",
            name="axis",
            field=models.CharField(
                choices=[
                    ("", "区划和单位"),
                    ("category", "区划、单位和类别"),
                    ("channel", "区划、单位和来源"),
                    ("town", "全镇"),
                    ("region", "区划"),
                    ("unit", "单位"),
                    ("town_category", "全镇类别"),
                    ("town_channel", "全镇来源"),
                ],
                max_length=16,
            ),
        ),
        migrations.RunSQL(FORWARD, BACK),
    ]
