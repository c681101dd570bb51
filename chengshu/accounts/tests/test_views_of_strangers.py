"""Each list is walked as everybody who has no business there, and shows nothing."""

import pytest

from chengshu.accounts import actions, queries
from chengshu.accounts.actor import person
from chengshu.accounts.domain import OUTSIDERS, Role
from chengshu.accounts.tests.factories import MACHINE, make_actor, make_post, make_tree, make_user
from chengshu.kernel.errors import NotAllowed

pytestmark = pytest.mark.django_db
LISTS = (queries.organisations_in_view, queries.people_in_view, queries.posts_in_view)


@pytest.fixture
def tree():
    return make_tree()


def test_a_county_sees_itself_and_below_and_no_neighbour(tree):
    mine, other = make_post(tree["east.town"], Role.HANDLER), make_post(tree["west"], Role.HANDLER)
    viewer = make_actor(tree["east"], Role.DATA_STEWARD)
    assert {each.code for each in queries.organisations_in_view(viewer)} == {"east", "east.town", "east.town.a"}
    assert set(queries.people_in_view(viewer)) == {mine.person, viewer.user}
    assert mine in queries.posts_in_view(viewer)
    assert other not in queries.posts_in_view(viewer)


@pytest.mark.parametrize("role", sorted(OUTSIDERS))
def test_an_outsider_sees_oneself_only(tree, role):
    make_post(tree["city"], Role.HANDLER)
    viewer = make_actor(tree["city"], role)
    assert not queries.organisations_in_view(viewer).exists()
    assert list(queries.people_in_view(viewer)) == [viewer.user]
    assert [post.person for post in queries.posts_in_view(viewer)] == [viewer.user]


def test_somebody_without_a_post_sees_oneself_only(tree):
    make_post(tree["city"], Role.HANDLER)
    viewer = person(make_user())
    assert [list(shown(viewer)) for shown in LISTS] == [[], [viewer.user], []]


def test_an_ended_post_and_a_closed_account_show_nothing(tree):
    post = make_post(tree["city"], Role.HANDLER)
    viewer = person(post.person)
    assert queries.organisations_in_view(viewer).exists()
    post.person.is_active = False
    assert not queries.organisations_in_view(viewer).exists()
    post.person.is_active = True
    actions.end_post(by=MACHINE, post=post)
    assert not queries.organisations_in_view(viewer).exists()


def test_somebody_of_two_posts_is_listed_once(tree):
    post = make_post(tree["east"], Role.HANDLER)
    make_post(tree["east.town"], Role.APPROVER, post.person)
    viewer = make_actor(tree["city"], Role.DISPATCHER)
    assert [user for user in queries.people_in_view(viewer) if user != viewer.user] == [post.person]


@pytest.mark.parametrize("role", sorted(set(Role) - {Role.AUDITOR}))
def test_the_trail_is_the_auditors_alone(tree, role):
    with pytest.raises(NotAllowed):
        queries.audit_events(make_actor(tree["city"], role))


def test_an_auditor_reads_the_newest_first(tree):
    viewer = make_actor(tree["city"], Role.AUDITOR)
    numbers = [event.number for event in queries.audit_events(viewer)]
    assert numbers == [3, 2, 1]
    assert queries.audit_events(MACHINE).count() == 3


@pytest.mark.parametrize("shown", LISTS)
def test_a_list_takes_two_queries_whatever_its_length(tree, shown, django_assert_num_queries):
    viewer = make_actor(tree["city"], Role.DISPATCHER)
    for _ in range(5):
        make_post(tree["east"], Role.HANDLER)
    with django_assert_num_queries(2):
        assert [str(each) for each in shown(viewer)]
