"""The trail in the database: written with the change, refused to everybody else."""

from datetime import UTC, datetime

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from chengshu.accounts import chain
from chengshu.accounts.audit import audit
from chengshu.accounts.models import AuditEvent, AuditHead
from chengshu.accounts.tests.factories import MACHINE, make_user
from chengshu.accounts.tests.guards import take_guards_off
from chengshu.accounts.verification import Damage, Finding, Head, verify
from chengshu.kernel import clock
from chengshu.kernel.errors import EngineError

EVENT, HEAD = AuditEvent._meta.db_table, AuditHead._meta.db_table


def execute(sql):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.fixture
def trail(db):
    """Five events about one person, and the creation of that person before them."""
    user = make_user()
    return [audit(MACHINE.for_purpose("核实补贴"), "people.read", user, place=place) for place in range(5)]


@pytest.fixture
def unguarded(trail):
    """The trail without its triggers, as whoever owns the database can have it."""
    take_guards_off(connection)


@pytest.mark.django_db
def test_an_event_says_who_what_whom_why(trail):
    event = AuditEvent.objects.latest("number")
    assert (event.number, event.actor, event.verb) == (6, "machine:test", "people.read")
    assert (event.object_type, event.purpose, event.payload) == ("accounts.user", "核实补贴", '{"place":4}')
    assert event.hash.startswith(f"{chain.preferred_function()}:")
    assert verify().is_intact


@pytest.mark.django_db
def test_an_event_is_there_if_and_only_if_the_change_is(trail):
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        audit(MACHINE, "people.read", make_user())
        raise ZeroDivisionError
    assert AuditEvent.objects.latest("number").number == 6
    audit(MACHINE, "people.read", make_user())
    assert verify().head.number == 8


@pytest.mark.django_db
@pytest.mark.parametrize("microsecond", [0, 1, 999_999])
def test_instants_come_back_as_they_were_hashed(microsecond):
    with clock.fixed(datetime(2025, 12, 31, 23, 59, 59, microsecond, tzinfo=UTC)):
        audit(MACHINE, "people.read", make_user())
    assert verify().is_intact


@pytest.mark.django_db
@pytest.mark.parametrize(
    "sql",
    [
        f"UPDATE {EVENT} SET purpose = 'x' WHERE number = 3",
        f"UPDATE {EVENT} SET number = 9 WHERE number = 6",
        f"DELETE FROM {EVENT} WHERE number = 3",
        f"DELETE FROM {EVENT}",
        f"INSERT INTO {EVENT} SELECT number + 10, at, actor_id, actor, verb, object_type, object_id, purpose, payload,"
        f" previous_hash, hash FROM {EVENT} WHERE number = 1",
        f"INSERT INTO {EVENT} SELECT number + 1, at, actor_id, actor, verb, object_type, object_id, purpose, payload,"
        f" previous_hash, hash FROM {EVENT} WHERE number = 6",
        f"DELETE FROM {HEAD}",
        f"UPDATE {HEAD} SET number = 5",
        f"UPDATE {HEAD} SET number = 7",
        f"UPDATE {HEAD} SET hash = 'x'",
        f"INSERT INTO {HEAD} (id, number, hash) VALUES (1, 0, 'x')",
    ],
)
def test_the_database_refuses_whatever_is_not_the_next_event(trail, sql):
    with pytest.raises(DatabaseError):
        execute(sql)
    assert verify().is_intact


@pytest.mark.django_db
@pytest.mark.parametrize("table", [EVENT, HEAD])
def test_the_database_refuses_to_empty_or_replace(trail, table):
    if connection.vendor == "postgresql":
        sql = f"TRUNCATE {table}"
    else:
        sql = f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}"
    with pytest.raises(DatabaseError, match="append-only"):
        execute(sql)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("sql", "damage", "number"),
    [
        (f"UPDATE {EVENT} SET purpose = 'x' WHERE number = 3", Damage.CHANGED, 3),
        (f"UPDATE {EVENT} SET actor_id = 7 WHERE number = 6", Damage.CHANGED, 6),
        (f"UPDATE {EVENT} SET at = '2020-01-01 00:00:00' WHERE number = 1", Damage.CHANGED, 1),
        (f"UPDATE {EVENT} SET payload = '{{\"place\": 3}}' WHERE number = 5", Damage.CHANGED, 5),
        (f"DELETE FROM {EVENT} WHERE number = 3", Damage.REMOVED, 3),
        (f"DELETE FROM {EVENT} WHERE number = 1", Damage.REMOVED, 1),
        (f"DELETE FROM {EVENT} WHERE number = 6", Damage.REMOVED, 6),
        (f"UPDATE {HEAD} SET hash = 'sm3:x'", Damage.REWRITTEN, 6),
        (f"DELETE FROM {HEAD}", Damage.HEAD_MISSING, 6),
    ],
)
def test_what_gets_past_the_triggers_is_found_and_named(unguarded, sql, damage, number):
    execute(sql)
    assert verify().findings == [Finding(damage, number, number)]


@pytest.mark.django_db
@pytest.mark.parametrize("column", ["at", "payload", "hash", "previous_hash"])
def test_nonsense_of_another_type_is_found_and_stops_nothing(unguarded, column):
    if connection.vendor == "postgresql":
        pytest.skip("PostgreSQL keeps no nonsense in a typed column")
    execute(f"UPDATE {EVENT} SET {column} = X'00ff' WHERE number = 3")
    assert [finding for finding in verify().findings if finding.damage == Damage.CHANGED] == [
        Finding(Damage.CHANGED, 3, 3)
    ]


@pytest.mark.django_db
def test_an_event_set_behind_the_head_is_found(unguarded):
    last = AuditEvent.objects.latest("number")
    event = AuditEvent(**{field.attname: getattr(last, field.attname) for field in AuditEvent._meta.fields})
    event.number, event.previous_hash = 7, last.hash
    link = chain.Link(**{name: getattr(event, name) for name in chain.Link._fields} | {"at": chain.instant(event.at)})
    event.hash = chain.digest(link, last.hash, chain.preferred_function())
    event.save(force_insert=True)
    assert verify().findings == [Finding(Damage.INSERTED, 7, 7)]


@pytest.mark.django_db
def test_a_tail_cut_off_together_with_the_head_is_found_by_an_anchor(unguarded, trail):
    anchor = Head(trail[-1].number, trail[-1].hash)
    execute(f"DELETE FROM {EVENT} WHERE number > 4")
    execute(f"UPDATE {HEAD} SET number = 4, hash = (SELECT hash FROM {EVENT} WHERE number = 4)")
    assert verify().is_intact
    assert verify([anchor]).findings == [Finding(Damage.REMOVED, 5, 6)]


@pytest.mark.django_db
def test_a_machine_without_sm3_says_so_and_calls_nothing_changed(trail, monkeypatch):
    if chain.preferred_function() != chain.SM3:
        pytest.skip("this OpenSSL has no SM3")
    monkeypatch.setattr(chain, "is_available", lambda function: function != chain.SM3)
    with pytest.raises(EngineError, match=r"audit\.function-missing"):
        verify()


@pytest.mark.django_db
def test_where_there_is_no_sm3_the_trail_goes_on_with_sha_256(trail, monkeypatch):
    monkeypatch.setattr(chain, "is_available", lambda function: function != chain.SM3)
    event = audit(MACHINE, "people.read", make_user())
    monkeypatch.undo()
    assert event.hash.startswith("sha256:")
    assert verify().is_intact


@pytest.mark.django_db
def test_an_event_costs_four_queries(django_assert_num_queries):
    user = make_user()
    with django_assert_num_queries(5):  # the savepoint of a nested transaction counts as two, the lock, event, head
        audit(MACHINE, "people.read", user)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("turn", [1, 2])
def test_tests_of_whole_transactions_leave_no_trail_behind_and_keep_it_guarded(turn):
    audit(MACHINE, "people.read", make_user())
    assert AuditEvent.objects.count() == 2
    with pytest.raises(DatabaseError, match="append-only"):
        execute(f"DELETE FROM {EVENT}")


@pytest.mark.django_db
def test_models_and_migrations_agree():
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
