"""Runs are asked for, done, proposed by one and published by another; what is published stays."""

import json
import shutil
from datetime import date, timedelta

import pyarrow.parquet as pq
import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from chengshu.accounts.actor import person as acting
from chengshu.accounts.domain import Role
from chengshu.accounts.models import AuditEvent
from chengshu.accounts.tests.factories import make_post, make_tree
from chengshu.certification import run_actions
from chengshu.certification.dossier import read_dossier
from chengshu.certification.items import roster_of
from chengshu.certification.models import DisprovedLink, Run, Visit, WorkItem
from chengshu.certification.run_work import do_run, found_since, load_to_certify
from chengshu.certification.scope import Scope
from chengshu.certification.states import ItemKind, ItemState, LinkKind, RunStatus
from chengshu.certification.tests.site_factories import AS_OF, EAST, MACHINE, NOW, PEOPLE, make_run, person
from chengshu.kernel import clock
from chengshu.kernel.errors import Conflict, NotAllowed, UsageError
from chengshu.lake import gather, open_load
from chengshu.samplecity import write_sample_city

pytestmark = pytest.mark.django_db
# Publishing looks up recorded deaths in the lake, which most of these tests do without.
LIVING = [row for row in PEOPLE if row["decision"] != "death_recorded"]


@pytest.fixture
def tree():
    return make_tree()


@pytest.fixture
def handler(tree):
    return acting(make_post(tree["city"], Role.HANDLER).person)


@pytest.fixture
def approver(tree):
    return acting(make_post(tree["city"], Role.APPROVER).person)


@pytest.fixture(scope="module")
def city(tmp_path_factory):
    folder = tmp_path_factory.mktemp("city")
    write_sample_city(folder, people=300, seed=5, as_of=AS_OF)
    return folder


@pytest.fixture
def lake(city, settings):
    gather(city, settings.LAKE, as_of=AS_OF, threads=1)
    return settings.LAKE


def published(handler, approver, **changes):
    changes.setdefault("people", LIVING)
    run = run_actions.propose_run(by=handler, run=make_run(**changes))
    return run_actions.publish_run(by=approver, run=run)


def test_a_run_over_the_lake_ends_with_masked_people_and_figures(lake, handler):
    run = do_run(run_actions.start_run(by=handler, is_queued=False).pk)
    assert run.status == RunStatus.FINISHED
    assert run.summary["decisions"]["certified"] > 0
    assert (run.folder / "people.parquet").exists()
    # nobody's number lies beside the database
    assert not (run.folder / "decisions.parquet").exists()
    assert not (run.folder / "worklist.parquet").exists()


def test_a_source_that_sent_nothing_stops_no_run(city, settings, handler, tmp_path):
    changed = tmp_path / "changed"
    shutil.copytree(city, changed)
    (changed / "events" / "bus_card.parquet").unlink()
    descriptor = json.loads((changed / "datapackage.json").read_text(encoding="utf-8"))
    kept = [one for one in descriptor["resources"] if "bus_card" not in str(one["path"])]
    (changed / "datapackage.json").write_text(json.dumps(descriptor | {"resources": kept}), encoding="utf-8")
    gather(changed, settings.LAKE, as_of=AS_OF, threads=1)
    assert do_run(run_actions.start_run(by=handler, is_queued=False).pk).status == RunStatus.FINISHED


def test_a_run_leaves_out_what_the_ledger_disproved(lake, handler):
    before = do_run(run_actions.start_run(by=handler, is_queued=False).pk)
    rows = pq.read_table(before.folder / "people.parquet").to_pylist()
    key = next(row["person_key"] for row in rows if row["last_event_on"] and row["decision"] == "certified")
    facts = {"region_code": EAST, "kind": LinkKind.EVENTS.value, "reason": "他人使用", "ruled_at": clock.now()}
    for source in open_load(lake).sources()["source_code"].to_pylist():
        DisprovedLink.objects.create(person_key=key, source=source, **facts)
    after = do_run(run_actions.start_run(by=handler, is_queued=False).pk)
    was, now = (roster_of(run, Scope(is_everybody=True)).people([key])[key] for run in (before, after))
    assert now["last_event_on"] is None
    assert now["p_alive"] < was["p_alive"]
    assert read_dossier(before, load_to_certify(before), was, []).counts.sum() > 0
    assert read_dossier(after, load_to_certify(after), now, []).counts.sum() == 0


def test_a_run_cut_off_is_done_again_from_the_beginning(lake, handler):
    run = run_actions.start_run(by=handler, is_queued=False)
    Run.objects.filter(pk=run.pk).update(status=RunStatus.RUNNING.value, progress=0.6)
    assert do_run(run.pk).status == RunStatus.FINISHED


def test_what_goes_wrong_is_kept_in_words(lake, handler):
    run = run_actions.start_run(by=handler, is_queued=False)
    Run.objects.filter(pk=run.pk).update(load_id="load-000001", max_dead_share=2.0)
    failed = do_run(run.pk)
    assert failed.status == RunStatus.FAILED
    assert "0.003" in failed.problem_zh
    assert "What to do" in failed.problem_en


def test_visits_recorded_on_the_site_feed_the_next_run(lake, handler):
    load = open_load(lake)
    key = load.residents()["person_key"][7].as_py()
    facts = {"region_code": "379001", "recorded_at": NOW, "outcome": "alive"}
    Visit.objects.create(client_id="0" * 32, person_key=key, visited_on=AS_OF, **facts)
    Visit.objects.create(client_id="1" * 32, person_key=5, visited_on=AS_OF, **facts)
    Visit.objects.create(client_id="2" * 32, person_key=key, visited_on=AS_OF + timedelta(days=1), **facts)
    rows = found_since(load, AS_OF).to_pylist()
    assert rows == [{"person_key": key, "visited_on": AS_OF, "outcome": "alive"}]


@pytest.mark.parametrize("day", [AS_OF + timedelta(days=1), date(2015, 1, 1)])
def test_a_day_that_the_data_do_not_cover_is_refused(lake, handler, day):
    with pytest.raises(UsageError, match="day"):
        run_actions.start_run(by=handler, as_of=day, is_queued=False)


def test_only_a_handler_starts_and_only_an_approver_publishes(lake, handler, approver):
    with pytest.raises(NotAllowed):
        run_actions.start_run(by=approver, is_queued=False)
    run = run_actions.propose_run(by=handler, run=make_run())
    with pytest.raises(NotAllowed):
        run_actions.publish_run(by=handler, run=run)


def test_nobody_publishes_what_they_proposed(tree, handler):
    both = handler.user
    make_post(tree["city"], Role.APPROVER, both)
    run = run_actions.propose_run(by=handler, run=make_run())
    with pytest.raises(Conflict, match="four-eyes"):
        run_actions.publish_run(by=handler, run=run)
    with pytest.raises(IntegrityError), transaction.atomic():
        Run.objects.filter(pk=run.pk).update(published_by=both)


def test_publishing_twice_tells_the_second(handler, approver, tree):
    run = published(handler, approver)
    other = acting(make_post(tree["city"], Role.APPROVER).person)
    with pytest.raises(Conflict, match="published-meanwhile"):
        run_actions.publish_run(by=other, run=run)


def test_publishing_opens_work_and_draws_an_audit(handler, approver):
    run = published(handler, approver)
    items = {(item.kind, item.person_key) for item in WorkItem.objects.filter(state=ItemState.OPEN)}
    audited = {(ItemKind.AUDIT, -11), (ItemKind.AUDIT, 22)}
    assert items == {(ItemKind.VISIT, 12), (ItemKind.VISIT, 21), (ItemKind.SELF_CHECK, 13)} | audited
    assert Run.objects.get(is_in_force=True) == run
    assert AuditEvent.objects.order_by("-number")[0].verb == "certification.publish_run"


def test_the_next_publication_takes_the_place_of_the_last(handler, approver):
    first = published(handler, approver)
    second = published(handler, approver, people=[person(12, decision="visit", p_alive=0.1)], as_of=date(2026, 1, 31))
    assert list(Run.objects.filter(is_in_force=True)) == [second]
    assert first.items.filter(state=ItemState.OPEN).count() == 0
    waited = second.items.get(state=ItemState.OPEN)
    assert waited.opened_at == first.items.get(person_key=12, kind=ItemKind.VISIT).opened_at


def test_an_earlier_day_does_not_take_the_place_of_a_later(handler, approver):
    published(handler, approver)
    with pytest.raises(Conflict, match="older-run"):
        published(handler, approver, as_of=date(2025, 11, 30))


def test_a_publication_that_fails_leaves_nothing(handler, approver, monkeypatch):
    run = run_actions.propose_run(by=handler, run=make_run())
    monkeypatch.setattr(run_actions, "draw_audit", lambda *_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        run_actions.publish_run(by=approver, run=run)
    run.refresh_from_db()
    assert run.status == RunStatus.PROPOSED
    assert not run.is_in_force
    assert not WorkItem.objects.exists()


def test_a_proposed_run_may_be_given_back(handler, approver):
    run = run_actions.propose_run(by=handler, run=make_run())
    assert run_actions.return_run(by=approver, run=run, reason="数据缺一个区").status == RunStatus.FINISHED
    with pytest.raises(Conflict, match="run-state"):
        run_actions.publish_run(by=approver, run=run)


def test_pages_show_runs_and_their_progress(client, handler, approver):
    queued = Run.objects.create(as_of=AS_OF, max_dead_share=0.003, load_id="load-000001", requested_at=NOW)
    client.force_login(handler.user)
    assert "排队中" in client.get(reverse("runs")).content.decode()
    part = client.get(reverse("runs.one", args=[queued.pk]), headers={"HX-Request": "true"}).content.decode()
    assert "<progress" in part
    assert "<html" not in part
    assert "every 1s" in part


def test_a_stranger_sees_no_run(client, tree):
    client.force_login(make_post(tree["city"], Role.RESIDENT).person)
    run = make_run()
    for name, args in (("runs", []), ("runs.one", [run.pk]), ("runs.compare", [run.pk, run.pk]), ("people", [])):
        assert client.get(reverse(name, args=args)).status_code in (403, 409)
    for name in ("runs.propose", "runs.publish", "runs.return"):
        client.post(reverse(name, args=[run.pk]), {"reason": "不"})
    run.refresh_from_db()
    assert run.status == RunStatus.FINISHED
    assert client.post(reverse("runs.start"), {"max_dead_share": 0.003}).status_code == 403


def test_the_run_of_a_month_is_done_once(lake):
    first = run_actions.start_due_run(by=MACHINE, is_queued=False)
    assert first is not None
    assert first.requested_by is None
    assert run_actions.start_due_run(by=MACHINE, is_queued=False) is None
    Run.objects.filter(pk=first.pk).update(requested_at=NOW - timedelta(days=40))
    assert run_actions.start_due_run(by=MACHINE, is_queued=False) is not None


def test_a_failed_run_is_none_of_this_month(lake):
    failed = run_actions.start_due_run(by=MACHINE, is_queued=False)
    assert failed is not None
    Run.objects.filter(pk=failed.pk).update(status=RunStatus.FAILED.value)
    assert run_actions.start_due_run(by=MACHINE, is_queued=False) is not None
