"""Secrets of self-checks, and what is kept of them."""

import time
from datetime import timedelta

import pytest
from django.core import signing

from chengshu.certification import self_check_keys as keys


def test_secrets_are_long_and_never_the_same():
    made = [keys.new_keys() for _ in range(200)]
    assert len({one.secret for one in made}) == 200
    assert all(len(one.secret) == 43 and len(one.code) == 6 and one.code.isdecimal() for one in made)


def test_a_digest_tells_nothing_without_the_site_s_key(settings):
    before = keys.code_digest("123456", "013X")
    assert len(before) == 64
    settings.SECRET_KEY = "another key of another site, long enough"  # noqa: S105 - of nobody
    assert keys.code_digest("123456", "013X")[:32] != before[:32]
    assert keys.code_digest("123456", "013X")[32:] != before[32:]


def test_the_first_half_is_the_code_s_alone():
    one, other = keys.code_digest("123456", "013X"), keys.code_digest("123456", "0152")
    assert one[:32] == other[:32] == keys.code_start("123456")
    assert one[32:] != other[32:]


@pytest.mark.parametrize(
    ("typed", "tidy"), [(" 12 34 56", "123456"), ("１２３４５６", "123456"), ("13x", "13X"), ("", "")]
)
def test_what_is_typed_is_understood(typed, tidy):
    assert keys.tidy(typed) == tidy


def test_a_pass_opens_one_link_for_half_an_hour(monkeypatch):
    token = keys.make_pass(7)
    assert keys.is_pass(token)
    assert not keys.is_pass(keys.new_keys().secret)
    assert keys.pk_of_pass(token) == 7
    assert keys.pk_of_pass(token + "x") is None
    assert keys.pk_of_pass("1:2:3") is None
    later = time.time() + timedelta(minutes=31).total_seconds()
    monkeypatch.setattr("django.core.signing.time.time", lambda: later)
    assert keys.pk_of_pass(token) is None


def test_a_pass_of_something_else_opens_nothing():
    assert keys.pk_of_pass(signing.dumps(7, salt="something else")) is None
