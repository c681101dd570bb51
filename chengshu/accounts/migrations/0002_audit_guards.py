"""Triggers by which the database itself refuses whatever is not the next event of the audit trail.

A migration that makes SQLite build one of the two tables anew (most changes of columns do) drops its triggers, and
has to call `guard` again; the tests of refusal run on the migrated database and would notice.
"""

from typing import Any

from django.db import migrations

_EVENT, _HEAD = "accounts_auditevent", "accounts_audithead"

_SQLITE_REFUSED = {
    "audit_event_no_update": f"BEFORE UPDATE ON {_EVENT}",
    "audit_event_no_delete": f"BEFORE DELETE ON {_EVENT}",
    "audit_event_follows": f"""BEFORE INSERT ON {_EVENT}
        WHEN NEW.number IS NOT (SELECT number + 1 FROM {_HEAD})
        OR NEW.previous_hash IS NOT (SELECT hash FROM {_HEAD})""",
    "audit_head_follows": f"""BEFORE UPDATE ON {_HEAD}
        WHEN NEW.number IS NOT OLD.number + 1
        OR NOT EXISTS (SELECT 1 FROM {_EVENT} WHERE number = NEW.number AND hash = NEW.hash)""",
    "audit_head_no_delete": f"BEFORE DELETE ON {_HEAD}",
    # REPLACE deletes without asking the triggers of DELETE: a second head is refused here.
    "audit_head_begins": f"""BEFORE INSERT ON {_HEAD}
        WHEN NEW.number <> 0 OR EXISTS (SELECT 1 FROM {_EVENT}) OR EXISTS (SELECT 1 FROM {_HEAD})""",
}

_POSTGRES_FUNCTIONS = f"""
CREATE FUNCTION chengshu_audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit trail is append-only: % on % is refused', TG_OP, TG_TABLE_NAME;
END $$;
CREATE FUNCTION chengshu_audit_event_follows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT 1 FROM {_HEAD} WHERE number = NEW.number - 1 AND hash = NEW.previous_hash) THEN
        RAISE EXCEPTION 'the audit trail is append-only: event % does not follow its head', NEW.number;
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION chengshu_audit_head_follows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.number <> OLD.number + 1
        OR NOT EXISTS (SELECT 1 FROM {_EVENT} WHERE number = NEW.number AND hash = NEW.hash) THEN
        RAISE EXCEPTION 'the audit trail is append-only: its head goes to the next event only';
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION chengshu_audit_head_begins() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Two first writers may come at once; the second one's row is then left out by ON CONFLICT.
    IF NEW.number <> 0 OR (EXISTS (SELECT 1 FROM {_EVENT}) AND NOT EXISTS (SELECT 1 FROM {_HEAD})) THEN
        RAISE EXCEPTION 'the audit trail is append-only: there are events, and no second head';
    END IF;
    RETURN NEW;
END $$;
"""
_POSTGRES_TRIGGERS = {
    "audit_event_no_change": (_EVENT, "BEFORE UPDATE OR DELETE", "ROW", "refuse"),
    "audit_event_no_truncate": (_EVENT, "BEFORE TRUNCATE", "STATEMENT", "refuse"),
    "audit_event_follows": (_EVENT, "BEFORE INSERT", "ROW", "event_follows"),
    "audit_head_follows": (_HEAD, "BEFORE UPDATE", "ROW", "head_follows"),
    "audit_head_no_delete": (_HEAD, "BEFORE DELETE", "ROW", "refuse"),
    "audit_head_no_truncate": (_HEAD, "BEFORE TRUNCATE", "STATEMENT", "refuse"),
    "audit_head_begins": (_HEAD, "BEFORE INSERT", "ROW", "head_begins"),
}
_POSTGRES_NAMES = ("refuse", "event_follows", "head_follows", "head_begins")


def guard(apps: Any, schema_editor: Any) -> None:
    """Put the triggers on."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(_POSTGRES_FUNCTIONS, params=None)  # else % would be a place for a parameter
        for name, (table, when, each, function) in _POSTGRES_TRIGGERS.items():
            schema_editor.execute(
                f"CREATE TRIGGER {name} {when} ON {table} FOR EACH {each} EXECUTE FUNCTION chengshu_audit_{function}()"
            )
        return
    for name, when in _SQLITE_REFUSED.items():
        schema_editor.execute(
            f"CREATE TRIGGER {name} {when} BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only: {name}'); END"
        )


def unguard(apps: Any, schema_editor: Any) -> None:
    """Take them off, to undo the migration."""
    for statement in statements_off(schema_editor.connection.vendor):
        schema_editor.execute(statement)


def statements_off(vendor: str) -> list[str]:
    """What takes them off."""
    if vendor == "postgresql":
        triggers = [f"DROP TRIGGER {name} ON {table}" for name, (table, *_) in _POSTGRES_TRIGGERS.items()]
        return [*triggers, *(f"DROP FUNCTION chengshu_audit_{name}()" for name in _POSTGRES_NAMES)]
    return [f"DROP TRIGGER {name}" for name in _SQLITE_REFUSED]


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [migrations.RunPython(guard, unguard)]
