"""The chain's own arithmetic; no database."""

import hashlib
from datetime import UTC, datetime, timedelta, timezone

import pytest

from chengshu.accounts import chain
from chengshu.accounts.verification import Damage, Finding, Stored, check_chain

SM3_OF_ABC = "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
"""GB/T 32905-2016, appendix A.1."""


def make_link(number, **changes):
    link = chain.Link(number, "2025-12-31 00:00:00.000000", 1, "李梅", "cases.read", "cases.case", "7", "核实", "{}")
    return link._replace(**changes)


def make_chain(length, function=chain.SHA256):
    events, previous = [], chain.GENESIS
    for number in range(1, length + 1):
        link = make_link(number)
        events.append(Stored(link, previous, chain.digest(link, previous, function)))
        previous = events[-1].hash
    return events


def resealed(event, **changes):
    """The event with other columns and a hash that fits them."""
    link = event.link._replace(**changes)
    return event._replace(link=link, hash=chain.digest(link, event.previous_hash, chain.SHA256))


def findings(events, known=None):
    head = make_chain(6)[-1]
    return check_chain(events, known if known is not None else {6: head.hash}).findings


@pytest.mark.skipif(not chain.is_available(chain.SM3), reason="this OpenSSL has no SM3")
def test_sm3_is_the_standards_own():
    assert hashlib.new(chain.SM3, b"abc").hexdigest() == SM3_OF_ABC
    assert chain.preferred_function() == chain.SM3


@pytest.mark.parametrize("field", [field for field in chain.Link._fields if field not in {"number", "actor_id"}])
def test_every_column_is_hashed(field):
    link = make_link(1)
    other = link._replace(**{field: getattr(link, field) + "x"})
    assert chain.digest(link, chain.GENESIS, chain.SHA256) != chain.digest(other, chain.GENESIS, chain.SHA256)


@pytest.mark.parametrize("change", [{"number": 2}, {"actor_id": None}, {"actor_id": 2}])
def test_numbers_are_hashed_too(change):
    link = make_link(1)
    assert chain.digest(link, "a", chain.SHA256) != chain.digest(link._replace(**change), "a", chain.SHA256)


def test_text_does_not_spill_from_one_column_into_the_next():
    one, other = make_link(1, verb="ab", object_type="c"), make_link(1, verb="a", object_type="bc")
    assert chain.digest(one, "", chain.SHA256) != chain.digest(other, "", chain.SHA256)


def test_an_instant_is_the_same_text_in_every_zone():
    at = datetime(2025, 12, 31, 23, 59, 59, 7, tzinfo=UTC)
    assert chain.instant(at) == chain.instant(at.astimezone(timezone(timedelta(hours=8))))


@pytest.mark.parametrize("nothing", [float("nan"), object(), {1, 2}])
def test_what_has_no_one_text_is_no_payload(nothing):
    with pytest.raises((TypeError, ValueError)):
        chain.canonical_payload({"a": nothing})


def test_an_untouched_chain_is_intact():
    found = check_chain(make_chain(6), {})
    assert (found.is_intact, found.events, found.head.number) == (True, 6, 6)
    assert check_chain([], {}).is_intact


def test_a_chain_may_go_on_by_another_function():
    events = make_chain(3)
    link = make_link(4)
    function = chain.preferred_function()
    events.append(Stored(link, events[-1].hash, chain.digest(link, events[-1].hash, function)))
    assert check_chain(events, {}).is_intact


@pytest.mark.parametrize("place", range(6))
def test_a_changed_event_is_named(place):
    events = make_chain(6)
    events[place] = events[place]._replace(link=events[place].link._replace(purpose="别的"))
    assert findings(events) == [Finding(Damage.CHANGED, place + 1, place + 1)]


@pytest.mark.parametrize("place", range(6))
def test_an_event_rewritten_with_a_hash_that_fits_is_named(place):
    events = make_chain(6)
    events[place] = resealed(events[place], purpose="别的")
    assert findings(events) == [Finding(Damage.REWRITTEN, place + 1, place + 1)]


@pytest.mark.parametrize("place", range(6))
def test_a_changed_hash_is_named_once(place):
    events = make_chain(6)
    events[place] = events[place]._replace(hash="sha256:" + "1" * 64)
    assert findings(events) == [Finding(Damage.CHANGED, place + 1, place + 1)]


@pytest.mark.parametrize(("first", "last"), [(1, 1), (3, 3), (2, 4), (6, 6), (1, 6)])
def test_removed_events_are_named_at_the_tail_too(first, last):
    events = make_chain(6)
    del events[first - 1 : last]
    assert findings(events) == [Finding(Damage.REMOVED, first, last)]


def test_a_removed_event_is_not_hidden_by_giving_its_number_to_the_next():
    events = make_chain(6)
    del events[2]
    renumbered = [resealed(event, number=place) for place, event in enumerate(events, 1)]
    assert findings(renumbered) == [Finding(Damage.REWRITTEN, 2, 4), Finding(Damage.REMOVED, 6, 6)]


@pytest.mark.parametrize("number", [-1, 0, 3])
def test_an_inserted_event_is_named(number):
    events = make_chain(6)
    stranger = resealed(events[2], number=number)
    place = max(number, 0)
    events.insert(place, stranger)
    assert findings(events) == [Finding(Damage.INSERTED, number, number)]


def test_a_chain_that_does_not_begin_at_the_beginning_is_named():
    events = make_chain(6)
    events[0] = Stored(events[0].link, "sha256:" + "2" * 64, events[0].hash)
    assert findings(events)[0] == Finding(Damage.CHANGED, 1, 1)


def test_neighbours_are_one_finding():
    events = [event._replace(link=event.link._replace(actor="x")) for event in make_chain(6)]
    assert findings(events) == [Finding(Damage.CHANGED, 1, 6)]


def test_findings_do_not_grow_without_end():
    events = make_chain(3_000)
    changed = [e._replace(hash="md5:x") if e.link.number % 2 else e for e in events]
    found = check_chain(changed, {})
    assert len(found.findings) == 1_000
    assert found.unlisted == 500


def test_a_chain_made_anew_as_a_whole_is_found_by_an_anchor_only():
    events = make_chain(6)
    anchor = {4: events[3].hash}
    forged, previous = [], chain.GENESIS
    for event in events:
        link = event.link._replace(actor="x")
        forged.append(Stored(link, previous, chain.digest(link, previous, chain.SHA256)))
        previous = forged[-1].hash
    assert check_chain(forged, {}).is_intact
    assert findings(forged, anchor) == [Finding(Damage.REWRITTEN, 4, 4)]
    assert findings(forged[:3], anchor) == [Finding(Damage.REMOVED, 4, 4)]
