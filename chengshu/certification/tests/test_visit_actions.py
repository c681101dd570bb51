"""A visit is recorded once, by somebody in scope, on a day that can be; and it feeds the next run."""

from datetime import date, timedelta
from io import BytesIO
from uuid import uuid4

import pytest
from PIL import Image

from chengshu.accounts.actor import person as acting
from chengshu.accounts.domain import Role
from chengshu.accounts.models import AuditEvent
from chengshu.accounts.tests.factories import make_actor, make_post, make_tree
from chengshu.certification import queries, visit_actions, visit_photos
from chengshu.certification.models import Visit
from chengshu.certification.run_work import found_since
from chengshu.certification.states import ItemKind, ItemState, Outcome
from chengshu.certification.tests.site_factories import WEST
from chengshu.certification.tests.visit_factories import WHO, Lake, make_item, picture, record, run_in_force
from chengshu.kernel import clock
from chengshu.kernel.errors import Conflict, NotAllowed, UsageError
from chengshu.lake.tests.small_city import ANN, gathered, small_city

pytestmark = pytest.mark.django_db


@pytest.fixture
def tree():
    return make_tree()


@pytest.fixture
def run():
    return run_in_force()


@pytest.fixture
def worker(tree):
    return make_actor(tree["east.town"], Role.GRASSROOTS_WORKER)


@pytest.fixture
def item(run):
    return make_item(run)


def huge(size):
    """A picture of very many dots in few bytes."""
    file = BytesIO()
    Image.new("1", size).save(file, "PNG", compress_level=1)
    return file.getvalue()


def kept_photos(settings):
    return [path for path in settings.MEDIA_ROOT.rglob("*") if path.is_file()]


@pytest.mark.parametrize("outcome", list(Outcome))
def test_a_visit_does_the_item_and_is_on_record(worker, item, outcome):
    visit = record(worker, item, outcome=outcome.value, note=" 在  菜园\n里 ")
    item.refresh_from_db()
    assert (item.state, item.closed_at) == (ItemState.DONE, visit.recorded_at)
    assert (visit.item, visit.person_key, visit.region_code) == (item, item.person_key, item.region_code)
    assert (visit.outcome, visit.note, visit.recorded_by) == (outcome, "在 菜园 里", worker.user)
    event = AuditEvent.objects.order_by("-number")[0]
    assert (event.verb, event.object_id) == ("certification.record_visit", str(visit.pk))


def test_sent_twice_it_is_one_visit(worker, item):
    number = uuid4()
    first = record(worker, item, client_id=number)
    assert record(worker, item, client_id=number) == first
    assert Visit.objects.count() == 1
    assert AuditEvent.objects.filter(verb="certification.record_visit").count() == 1


def test_sent_again_long_after_it_is_still_taken_for_what_it_is(worker, item):
    number, day = uuid4(), clock.today()
    first = record(worker, item, client_id=number)
    with clock.fixed(day + timedelta(days=100)):
        assert record(worker, item, client_id=number, visited_on=day) == first


def test_one_number_for_two_visits_is_refused(worker, run, item):
    number = uuid4()
    record(worker, item, client_id=number)
    with pytest.raises(Conflict, match="sent-before"):
        record(worker, item, client_id=number, outcome="dead")
    with pytest.raises(Conflict, match="sent-before"):
        record(worker, make_item(run, key=13), client_id=number)


def test_a_number_of_somebody_else_shows_nothing_of_their_visit(tree, worker, item):
    number = uuid4()
    record(worker, item, client_id=number)
    with pytest.raises(Conflict, match="sent-before"):
        record(make_actor(tree["east"], Role.GRASSROOTS_WORKER), item, client_id=number)


def test_who_comes_second_is_told_who_came_first_and_when(tree, worker, item):
    other = acting(make_post(tree["east"], Role.GRASSROOTS_WORKER).person)
    visit = record(other, item)
    with pytest.raises(Conflict, match="visit-closed") as told:
        record(worker, item, outcome="not_found", photo=picture())
    assert other.label.split(" (")[0] in told.value.message.zh
    assert f"{visit.recorded_at.astimezone():%Y-%m-%d %H:%M}" in told.value.message.zh
    assert Visit.objects.count() == 1


def test_what_was_seen_is_kept_though_the_list_has_changed_meanwhile(worker, item):
    item.state, item.closed_at = ItemState.WITHDRAWN, clock.now()
    item.save()
    assert record(worker, item).item == item
    item.refresh_from_db()
    assert item.state == ItemState.WITHDRAWN
    with pytest.raises(Conflict, match="visit-closed"):
        record(worker, item)


def test_it_does_what_the_next_run_opened_for_the_same_person(worker, run, item):
    item.state, item.closed_at = ItemState.WITHDRAWN, clock.now()
    item.save()
    again = make_item(run)
    assert record(worker, item).item == again
    again.refresh_from_db()
    assert again.state == ItemState.DONE


@pytest.mark.parametrize(("days", "code"), [(1, "visit-ahead"), (-61, "visit-too-early"), (-4000, "visit-too-early")])
def test_days_that_cannot_be_are_refused(worker, item, days, code):
    with pytest.raises(UsageError, match=code):
        record(worker, item, visited_on=clock.today() + timedelta(days=days))
    item.refresh_from_db()
    assert item.state == ItemState.OPEN


def test_sixty_days_ago_is_taken(worker, item):
    record(worker, item, visited_on=clock.today() - timedelta(days=60))


def test_an_outcome_that_nobody_can_find_is_refused(worker, item):
    with pytest.raises(UsageError, match="visit-outcome"):
        record(worker, item, outcome="asleep")


def test_people_of_other_regions_are_none_of_theirs(worker, run):
    item = make_item(run, region=WEST)
    for act in (lambda: record(worker, item), lambda: visit_actions.show_item(by=worker, item=item)):
        with pytest.raises(NotAllowed, match="not-in-scope"):
            act()


@pytest.mark.parametrize("role", [Role.RESIDENT, Role.OUTSIDE_DEVELOPER, Role.APPROVER, Role.AUDITOR])
def test_who_visits_nobody_records_nothing(tree, item, role):
    with pytest.raises(NotAllowed, match="not-allowed"):
        record(make_actor(tree["city"], role), item)


def test_a_self_check_is_not_for_visitors(worker, run):
    with pytest.raises(NotAllowed):
        record(worker, make_item(run, kind=ItemKind.SELF_CHECK))


def test_a_department_visits_whom_it_pays(tree, run):
    officer = make_actor(tree["civil"], Role.DEPARTMENT_OFFICER)
    record(officer, make_item(run, region=WEST, departments=2))
    with pytest.raises(NotAllowed):
        record(officer, make_item(run, key=13, region=WEST, departments=1))


def test_opening_somebody_is_on_record_with_its_purpose(worker, item, monkeypatch):
    monkeypatch.setattr(queries, "load_of", lambda run: Lake())
    assert visit_actions.show_item(by=worker, item=item) == WHO
    event = AuditEvent.objects.order_by("-number")[0]
    assert (event.verb, event.purpose) == ("certification.show_item", "上门走访，核实是否在世")


def test_a_photo_is_made_anew_upright_and_without_what_the_camera_noted(worker, item, settings):
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by a quarter
    exif[0x010F] = "Camera of somebody"
    visit = record(worker, item, photo=picture(exif=exif))
    path = settings.MEDIA_ROOT / visit.photo
    assert kept_photos(settings) == [path]
    with Image.open(path) as kept:
        assert (kept.format, kept.size, dict(kept.getexif())) == ("JPEG", (1000, 2000), {})
        red, green, _ = kept.split()
        assert red.getpixel((500, 200)) == pytest.approx(254, abs=5)
        assert green.getpixel((500, 200)) == pytest.approx(0, abs=5)
    assert b"Camera of somebody" not in path.read_bytes()


@pytest.mark.parametrize("kind", ["PNG", "WEBP"])
def test_other_pictures_become_jpegs(worker, item, settings, kind):
    visit = record(worker, item, photo=picture((80, 40), kind))
    assert (settings.MEDIA_ROOT / visit.photo).read_bytes().startswith(b"\xff\xd8\xff")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"<html><script>alert(1)</script>", "photo-unreadable"),
        (b"", "photo-unreadable"),
        (picture().getvalue()[:5000], "photo-unreadable"),
        (picture((40, 40), "GIF").getvalue(), "photo-unreadable"),
        (picture((40, 40), "TIFF").getvalue(), "photo-unreadable"),
        (b"\xff\xd8\xff\xe0" + bytes(visit_photos.MOST_BYTES), "photo-too-big"),
        (huge((12000, 11000)), "photo-too-wide"),
        (huge((30000, 20000)), "photo-unreadable"),
    ],
    ids=["html", "empty", "cut off", "gif", "tiff", "too big", "too wide", "bomb"],
)
def test_what_is_no_photo_is_refused_and_nothing_is_kept(worker, item, settings, content, code):
    with pytest.raises(UsageError, match=code):
        record(worker, item, photo=BytesIO(content))
    assert kept_photos(settings) == []
    assert not Visit.objects.exists()


def test_a_visit_that_comes_to_nothing_leaves_no_photo(worker, item, settings, monkeypatch):
    def fail(*args, **facts):
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(visit_actions, "audit", fail)
    with pytest.raises(RuntimeError):
        record(worker, item, photo=picture())
    assert kept_photos(settings) == []
    item.refresh_from_db()
    assert item.state == ItemState.OPEN


def test_photos_are_for_people_in_scope(tree, worker, item, settings):
    visit = record(worker, item, photo=picture((80, 40)))
    assert visit_actions.show_photo(by=worker, visit=visit) == visit.photo
    assert AuditEvent.objects.order_by("-number")[0].verb == "certification.show_photo"
    for stranger in (
        make_actor(tree["west"], Role.GRASSROOTS_WORKER),
        make_actor(tree["civil"], Role.DEPARTMENT_OFFICER),
        make_actor(tree["city"], Role.AUDITOR),
    ):
        with pytest.raises(NotAllowed):
            visit_actions.show_photo(by=stranger, visit=visit)


def test_what_was_found_feeds_the_next_run(worker, run, tmp_path):
    load = gathered(tmp_path, small_city())
    ann = load.identities()["person_key"][load.identities()["id_number"].to_pylist().index(ANN)].as_py()
    record(worker, make_item(run, key=ann), outcome="dead")
    record(worker, make_item(run, key=77))
    today = clock.today()
    assert found_since(load, today).to_pylist() == [{"person_key": ann, "visited_on": today, "outcome": "dead"}]
    assert found_since(load, date(2025, 12, 31)).num_rows == 0


_PREPARE = """
from chengshu.accounts.domain import Role
from chengshu.accounts.tests.factories import make_post, make_tree
from chengshu.certification.tests.visit_factories import make_item, run_in_force
town = make_tree()["east.town"]
for number in range(4):
    make_post(town, Role.GRASSROOTS_WORKER)
make_item(run_in_force())
"""
_RECORD = """
from chengshu.accounts.actor import person
from chengshu.accounts.models import User
from chengshu.certification.models import WorkItem
from chengshu.certification.tests.visit_factories import record
from chengshu.kernel.errors import Conflict
try:
    record(person(User.objects.order_by("pk")[{number}]), WorkItem.objects.get())
except Conflict as error:
    raise SystemExit(3 if error.code == "certification.visit-closed" else 4)
"""
_COUNT = """
from chengshu.certification.models import Visit, WorkItem
raise SystemExit(Visit.objects.count() * 10 + WorkItem.objects.filter(state="done").count())
"""


def test_of_four_who_record_at_once_one_wins_and_the_others_are_told(installation):
    assert installation.start_python(_PREPARE).wait(60) == 0
    at_once = [installation.start_python(_RECORD.format(number=number)) for number in range(4)]
    assert sorted(process.wait(60) for process in at_once) == [0, 3, 3, 3]
    assert installation.start_python(_COUNT).wait(60) == 11
