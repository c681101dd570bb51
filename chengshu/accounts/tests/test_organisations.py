import pytest
from django.db import IntegrityError, connection, transaction

from chengshu.accounts.domain import OrganisationKind as Kind
from chengshu.accounts.domain import OrganisationRow, Role
from chengshu.accounts.models import AuditEvent, Organisation
from chengshu.accounts.organisation_actions import import_organisations, move_organisation
from chengshu.accounts.tests.factories import MACHINE, ROWS, make_actor, make_tree
from chengshu.kernel.errors import Conflict, NotAllowed

pytestmark = pytest.mark.django_db


def codes(organisations):
    return [organisation.code for organisation in organisations]


def test_a_tree_is_taken_over_as_handed_over():
    tree = make_tree()
    assert {code: each.parent and each.parent.code for code, each in tree.items()} == {
        row.code: row.parent_code for row in ROWS
    }
    assert codes(Organisation.objects.within(tree["east"])) == ["east", "east.town", "east.town.a"]
    assert len(Organisation.objects.within(tree["city"])) == len(ROWS)


def test_doing_it_again_changes_nothing_and_says_nothing():
    before = {code: each.path for code, each in make_tree().items()}
    assert import_organisations(by=MACHINE, rows=ROWS) == 0
    assert {each.code: each.path for each in Organisation.objects.all()} == before
    assert AuditEvent.objects.filter(verb="accounts.import_organisations").count() == 1


def test_a_new_name_is_taken_over():
    make_tree()
    assert import_organisations(by=MACHINE, rows=[ROWS[0], ROWS[1]._replace(name="数据局")]) == 1
    assert Organisation.objects.get(code="bureau").name == "数据局"


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (OrganisationRow("x", "x", "x", Kind.SECTION, "nobody"), "accounts.unknown-parent"),
        (OrganisationRow("x", "x", "x", Kind.TOWN, "bureau"), "accounts.wrong-parent"),
        (OrganisationRow("x", "x", "x", Kind.CITY, "city"), "accounts.wrong-parent"),
        (OrganisationRow("bureau.office", "x", "x", Kind.SECTION, "civil"), "accounts.organisation-elsewhere"),
    ],
)
def test_a_row_that_does_not_fit_is_named_and_nothing_written(row, code):
    make_tree()
    good = OrganisationRow("new", "新", "New", Kind.DEPARTMENT, "city")
    with pytest.raises(Conflict) as refused, transaction.atomic():
        import_organisations(by=MACHINE, rows=[good, row])
    assert refused.value.code == code
    assert row.code in refused.value.message.en
    assert not Organisation.objects.filter(code="new").exists()


def test_a_system_administrator_alone_changes_the_tree():
    tree = make_tree()
    new = OrganisationRow("new", "新", "New", Kind.DEPARTMENT, "city")
    for organisation, role in ((tree["city"], Role.SECURITY_ADMINISTRATOR), (tree["east"], Role.SYSTEM_ADMINISTRATOR)):
        with pytest.raises(NotAllowed):
            import_organisations(by=make_actor(organisation, role), rows=[new])
    assert import_organisations(by=make_actor(tree["city"], Role.SYSTEM_ADMINISTRATOR), rows=[new]) == 1


def test_a_moved_organisation_takes_all_below_it_along():
    tree = make_tree()
    moved = move_organisation(by=MACHINE, organisation=tree["east.town"], to=tree["west"])
    assert codes(Organisation.objects.within(tree["west"])) == ["west", "west.town", "east.town", "east.town.a"]
    assert codes(Organisation.objects.within(tree["east"])) == ["east"]
    assert moved.parent == tree["west"]


@pytest.mark.parametrize(
    ("moved", "to", "code"),
    [("east", "east.town", "accounts.below-itself"), ("east.town", "bureau", "accounts.wrong-parent")],
)
def test_what_does_not_fit_does_not_move(moved, to, code):
    tree = make_tree()
    with pytest.raises(Conflict) as refused:
        move_organisation(by=MACHINE, organisation=tree[moved], to=tree[to])
    assert refused.value.code == code


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "village"},
        {"kind": "department", "parent_id": None},
        {"kind": "city"},
    ],
)
def test_the_database_itself_keeps_the_tree_in_shape(wrong):
    tree = make_tree()
    row = {"code": "x", "name": "x", "name_en": "x", "path": "00019000", "parent": tree["city"]}
    with pytest.raises(IntegrityError), transaction.atomic():
        Organisation(**row | {"kind": "department"} | wrong).save()


def test_a_second_city_is_refused_by_the_database():
    make_tree()
    with pytest.raises(IntegrityError), transaction.atomic():
        Organisation.objects.create(code="x", name="x", name_en="x", path="0002", kind="city")


def test_a_subtree_is_found_by_the_index():
    tree = make_tree()
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")  # nine rows are read quicker than an index
    plan = Organisation.objects.within(tree["east"]).order_by().explain()
    assert "Index" in plan or "USING INDEX" in plan
    assert "SCAN" not in plan
