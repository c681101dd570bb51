"""A clock that tests can set."""

from datetime import UTC, date, datetime, timedelta

from chengshu.kernel import clock


def test_clock_runs_when_nobody_sets_it() -> None:
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=5)


def test_fixed_clock_shows_its_day_and_runs_again_afterwards() -> None:
    with clock.fixed(date(2025, 12, 31)):
        assert clock.today() == date(2025, 12, 31)
        assert clock.now() == datetime(2025, 12, 31, tzinfo=UTC)
    assert clock.today() != date(2025, 12, 31)


def test_fixed_clocks_nest() -> None:
    with clock.fixed(date(2024, 2, 29)):
        with clock.fixed(datetime(2025, 1, 1, 12, tzinfo=UTC)):
            assert clock.today() == date(2025, 1, 1)
        assert clock.today() == date(2024, 2, 29)
