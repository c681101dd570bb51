"""URLs of certification."""

from django.urls import path, register_converter
from django.urls.converters import IntConverter

from chengshu.certification.views import figures, people, runs


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
    path("feeds", figures.feeds, name="feeds"),
    path("figures", figures.figures, name="figures"),
    path("people", people.listed, name="people"),
    path("people/<key:person_key>", people.one, name="people.one"),
]
