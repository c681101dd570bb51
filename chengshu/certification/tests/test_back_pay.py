"""What somebody is owed whose money was stopped in error."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chengshu.certification.back_pay import back_pay, first_of_next_month

DAYS = st.dates(date(2000, 1, 1), date(2060, 1, 1))
AMOUNTS = st.decimals(0, 100_000, places=2)


@pytest.mark.parametrize(
    ("monthly", "stops_on", "until", "owed"),
    [
        (310.0, date(2026, 1, 1), date(2026, 1, 1), "0.00"),
        (310.0, date(2026, 1, 1), date(2026, 1, 2), "10.00"),
        (310.0, date(2026, 1, 1), date(2026, 2, 1), "310.00"),
        (280.0, date(2026, 1, 1), date(2026, 2, 15), "420.00"),
        (290.0, date(2024, 2, 1), date(2024, 2, 2), "10.00"),
        (100.0, date(2025, 12, 1), date(2027, 1, 1), "1300.00"),
        (0.1, date(2026, 1, 1), date(2026, 4, 1), "0.30"),
        (100.0, date(2026, 1, 1), date(2026, 1, 2), "3.23"),
        (310.0, date(2026, 3, 1), date(2026, 1, 9), "0.00"),
        (310.0, None, date(2026, 1, 9), "0.00"),
    ],
)
def test_whole_months_in_full_and_parts_by_days(monthly, stops_on, until, owed):
    assert back_pay(monthly, stops_on, until) == Decimal(owed)


@given(AMOUNTS, st.none() | DAYS, DAYS)
def test_it_is_never_negative_and_always_in_cents(monthly, stops_on, until):
    owed = back_pay(monthly, stops_on, until)
    assert owed >= 0
    assert owed == owed.quantize(Decimal("0.01"))
    if stops_on is None or until <= stops_on:
        assert owed == 0


@given(AMOUNTS, DAYS, st.integers(0, 240))
def test_whole_months_are_whole_amounts(monthly, stops_on, months):
    start = stops_on.replace(day=1)
    until = start
    for _ in range(months):
        until = first_of_next_month(until)
    assert back_pay(monthly, start, until) == monthly * months


@given(AMOUNTS, st.tuples(DAYS, DAYS, DAYS))
def test_two_stretches_come_to_the_whole_but_for_a_cent(monthly, days):
    first, second, third = sorted(days)
    parts = back_pay(monthly, first, second) + back_pay(monthly, second, third)
    assert abs(parts - back_pay(monthly, first, third)) <= Decimal("0.01")


@given(AMOUNTS, DAYS, DAYS)
def test_a_day_more_never_owes_less(monthly, stops_on, until):
    assert back_pay(monthly, stops_on, until + timedelta(days=1)) >= back_pay(monthly, stops_on, until)


@given(DAYS)
def test_a_stop_begins_with_the_month_after(day):
    start = first_of_next_month(day)
    assert start.day == 1
    assert timedelta(days=1) <= start - day <= timedelta(days=31)
