import pytest

from chengshu.accounts.domain import (
    ADMINISTRATORS,
    KIND_NAMES,
    OVERSEERS,
    ROLE_NAMES,
    OrganisationKind,
    Role,
    conflicting_roles,
    end_of_subtree,
    is_within,
    may_stand_under,
    path_of_child,
)


def test_every_kind_and_role_has_a_name_in_both_languages():
    assert set(KIND_NAMES) == set(OrganisationKind)
    assert set(ROLE_NAMES) == set(Role)
    assert all(name.zh and name.en for name in [*KIND_NAMES.values(), *ROLE_NAMES.values()])


@pytest.mark.parametrize("role", sorted(ADMINISTRATORS))
@pytest.mark.parametrize("held", sorted(ADMINISTRATORS))
def test_no_two_administrators_are_one_person(role, held):
    assert bool(conflicting_roles(role, [held])) == (role != held)


@pytest.mark.parametrize("role", sorted(set(Role) - ADMINISTRATORS))
def test_other_roles_may_meet(role):
    assert not conflicting_roles(role, Role)


def test_outsiders_oversee_nothing():
    assert set(Role) - OVERSEERS == {Role.RESIDENT, Role.OUTSIDE_DEVELOPER}


def test_only_a_city_stands_on_top():
    assert [kind for kind in OrganisationKind if may_stand_under(kind, None)] == [OrganisationKind.CITY]


def test_a_subtree_is_one_range_of_paths():
    top = path_of_child("0001", 9)
    inside = [top, path_of_child(top, 1), path_of_child(path_of_child(top, 9998), 9998)]
    outside = [
        "0001",
        path_of_child("0001", 8),
        path_of_child("0001", 10),
        path_of_child(path_of_child("0001", 8), 9998),
    ]
    assert all(top <= path < end_of_subtree(top) and is_within(path, top) for path in inside)
    assert not any(top <= path < end_of_subtree(top) or is_within(path, top) for path in outside)
