"""URLs of certification."""

from django.urls import path, register_converter
from django.urls.converters import IntConverter

from chengshu.certification.views import (
    appeals,
    check,
    compare,
    coverage,
    deaths,
    disproved,
    figures,
    people,
    run_audit,
    runs,
    self_checks,
    visits,
)


class PersonKeyConverter(IntConverter):
    """A person_key: 64 bits, with a sign."""

    regex = "-?[0-9]{1,19}"


register_converter(PersonKeyConverter, "key")

urlpatterns = [
    path("runs", runs.listed, name="runs"),
    path("runs/start", runs.start, name="runs.start"),
    path("runs/<int:pk>", runs.one, name="runs.one"),
    path("runs/<int:pk>/propose", runs.propose, name="runs.propose"),
    path("runs/<int:pk>/return", runs.give_back, name="runs.return"),
    path("runs/<int:pk>/publish", runs.publish, name="runs.publish"),
    path("runs/<int:pk>/compare/<int:other>", compare.compared, name="runs.compare"),
    path("runs/<int:pk>/audit", run_audit.listed, name="runs.audit"),
    path("self-checks", self_checks.listed, name="self_checks"),
    path("self-checks/send", self_checks.send, name="self_checks.send"),
    path("self-checks/jobs/<uuid:job>", self_checks.job, name="self_checks.job"),
    path("check", check.by_code, name="check"),
    path("check/sandbox", check.sandbox, name="check.sandbox"),
    path("check/<str:token>", check.one, name="check.one"),
    path("check/<str:token>/face", check.face, name="check.face"),
    path("check/<str:token>/done", check.done, name="check.done"),
    path("feeds", figures.feeds, name="feeds"),
    path("figures", figures.figures, name="figures"),
    path("people", people.listed, name="people"),
    path("people/<key:person_key>", people.one, name="people.one"),
    path("sw.js", visits.service_worker, name="worklist.sw"),
    path("worklist", visits.listed, name="worklist"),
    path("worklist/token", visits.token, name="worklist.token"),
    path("worklist/<int:pk>", visits.one, name="worklist.one"),
    path("worklist/<int:pk>/record", visits.record, name="worklist.record"),
    path("visits/<int:pk>/photo", visits.photo, name="visits.photo"),
    path("coverage", coverage.shown, name="coverage"),
    path("deaths", deaths.listed, name="deaths"),
    path("deaths/<int:pk>", deaths.one, name="deaths.one"),
    path("deaths/<int:pk>/confirm", deaths.confirm, name="deaths.confirm"),
    path("deaths/<int:pk>/stop", deaths.stop, name="deaths.stop"),
    path("deaths/<int:pk>/refute", deaths.refute, name="deaths.refute"),
    path("deaths/<int:pk>/restore", deaths.restore, name="deaths.restore"),
    path("deaths/<int:pk>/notice", appeals.notice, name="deaths.notice"),
    path("deaths/<int:pk>/appeal", appeals.receive, name="deaths.appeal"),
    path("deaths/<int:pk>/appeal-form", appeals.blank, name="deaths.appeal_form"),
    path("appeals/<int:pk>/decide", appeals.decide, name="appeals.decide"),
    path("disproved", disproved.listed, name="disproved"),
    path("disproved/add", disproved.add, name="disproved.add"),
]
