"""The sequence of case numbers: it never repeats and never waits, at the price of gaps."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial")]

    operations = [migrations.RunSQL("CREATE SEQUENCE cases_number", "DROP SEQUENCE cases_number")]
