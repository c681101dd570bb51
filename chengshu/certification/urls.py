"""URLs of certification."""

from django.urls import path, register_converter
from django.urls.converters import IntConverter

from chengshu.certification.views import appeals, deaths, disproved, people, runs


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
