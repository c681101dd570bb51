import pytest

from chengshu.kernel.errors import UsageError
from chengshu.web.options import parse_as_of


@pytest.mark.parametrize("text", ["2025-W01-1", "2025W011", "2025-w01", "9999-12-31", "2200-01-01"])
def test_a_day_that_is_a_week_or_far_away_is_refused(text):
    with pytest.raises(UsageError) as caught:
        parse_as_of(text, may_be_future=True)
    assert (caught.value.code, text in caught.value.render("en")) == ("usage.as-of", True)
