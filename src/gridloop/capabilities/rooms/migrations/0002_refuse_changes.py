from django.db import migrations

# What was said in a room is not said otherwise afterwards.
REFUSE = """
CREATE FUNCTION rooms_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'insufficient_privilege';
END
$$;
CREATE TRIGGER rooms_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON rooms_message
    FOR EACH STATEMENT EXECUTE FUNCTION rooms_refuse();
"""
ALLOW = """
DROP TRIGGER rooms_append_only ON rooms_message;
DROP FUNCTION rooms_refuse();
"""


class Migration(migrations.Migration):
    dependencies = [("rooms", "0001_initial")]
    operations = [migrations.RunSQL(REFUSE, ALLOW)]
