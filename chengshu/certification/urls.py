"""URLs of certification."""

from django.urls import path, register_converter
from django.urls.converters import IntConverter

from chengshu.certification.views import coverage, people, runs, visits


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
    path("runs/<int:pk>/compare/<int:other>", runs.compare, name="runs.compare"),
    path("people", people.listed, name="people"),
    path("people/<key:person_key>", people.one, name="people.one"),
    path("sw.js", visits.service_worker, name="worklist.sw"),
    path("worklist", visits.listed, name="worklist"),
    path("worklist/token", visits.token, name="worklist.token"),
    path("worklist/<int:pk>", visits.one, name="worklist.one"),
    path("worklist/<int:pk>/record", visits.record, name="worklist.record"),
    path("visits/<int:pk>/photo", visits.photo, name="visits.photo"),
    path("coverage", coverage.shown, name="coverage"),
]
