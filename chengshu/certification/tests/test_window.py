from datetime import date

import numpy as np
import pytest

from chengshu.certification.window import Window


def days(*texts):
    return np.array(texts, dtype="datetime64[D]")


def test_the_window_ends_with_the_month_of_the_day():
    window = Window(date(2025, 12, 31), 36)
    assert window.first_month == date(2023, 1, 1)
    assert window.starts[-1] == date(2025, 12, 1)
    assert len(window.starts) == 36
    np.testing.assert_array_equal(window.lengths, np.ones(36))


def test_a_window_may_begin_in_the_midst_of_a_year():
    starts = Window(date(2025, 3, 31), 6).starts
    assert [(day.year, day.month, day.day) for day in starts] == [
        *[(2024, month, 1) for month in (10, 11, 12)],
        *[(2025, month, 1) for month in (1, 2, 3)],
    ]


def test_a_last_month_cut_short_counts_for_the_days_it_has():
    window = Window(date(2025, 6, 15), 12)
    assert window.lengths[-1] == pytest.approx(0.5)
    assert window.days[-1] == 15
    np.testing.assert_array_equal(window.lengths[:-1], 1)


def test_leap_years_give_february_its_day():
    assert Window(date(2024, 2, 29), 6).lengths[-1] == 1
    assert Window(date(2024, 2, 29), 6).days[-1] == 29
    assert Window(date(2025, 2, 28), 13).days.tolist()[0] == 29
    assert Window(date(2025, 2, 28), 13).days[-1] == 28


def test_the_first_of_january_is_a_month_of_one_day():
    window = Window(date(2026, 1, 1), 6)
    assert window.first_month == date(2025, 8, 1)
    assert window.lengths[-1] == pytest.approx(1 / 31)


def test_days_find_their_month_and_are_negative_before_the_window():
    window = Window(date(2025, 12, 31), 12)
    found = window.month_of(days("2024-12-31", "2025-01-01", "2025-01-31", "2025-12-31", "2023-12-31"))
    np.testing.assert_array_equal(found, [-1, 0, 0, 11, -13])


def test_month_and_day_lead_back_to_the_calendar():
    window = Window(date(2024, 2, 29), 12)
    some = days("2023-03-01", "2023-12-31", "2024-02-29")
    day_of_month = (some - some.astype("datetime64[M]")).astype(int) + 1
    np.testing.assert_array_equal(window.day_of(window.month_of(some), day_of_month), some)


def test_months_before_the_feeds_began_are_left_out():
    window = Window(date(2025, 12, 31), 36)
    last = 2025 * 12 + 11
    events = {last - back: 1000 for back in range(24)} | {last - 30: 3}
    assert window.begun(events).months == 24
    assert window.begun({last - back: 1000 for back in range(48)}).months == 36


def test_a_city_without_events_or_with_few_months_keeps_a_sane_window():
    window = Window(date(2025, 12, 31), 36)
    assert window.begun({}).months == 36
    assert window.begun({2025 * 12 + 11: 5}).months == 6
