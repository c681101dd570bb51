import signal

import pytest

from chengshu.web import interruption
from chengshu.web.progress import shown_progress


class _Lost:
    """Python forgets what is raised while something is being destroyed."""

    def __del__(self) -> None:
        signal.raise_signal(signal.SIGINT)


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_an_interruption_that_python_forgets_stops_the_work_at_its_next_step():
    with interruption.remembered(), shown_progress({}, "en", is_plain=True) as tell:
        lost = _Lost()
        tell("one", 0.5)
        del lost
        with pytest.raises(KeyboardInterrupt):
            tell("one", 1.0)


def test_nothing_stops_where_nobody_asked():
    with interruption.remembered():
        interruption.check()


def test_the_earlier_handler_is_back_afterwards():
    before = signal.getsignal(signal.SIGINT)
    with interruption.remembered():
        assert signal.getsignal(signal.SIGINT) is not before
    assert signal.getsignal(signal.SIGINT) is before
