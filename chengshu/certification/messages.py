"""What refused changes to certification say, in one place."""

from chengshu.kernel.errors import Conflict, NotAllowed, UsageError
from chengshu.kernel.texts import Text

_LOOK_AGAIN = Text("请刷新页面，查看现在的情况。", "Load the page again to see how things stand.")


def run_not_ready(number: int) -> Conflict:
    """A run that is not in the state that a change needs."""
    return Conflict(
        "certification.run-state",
        Text(f"第 {number} 次认证当前的状态不能这样做。", f"Run {number} is not in a state for that."),
        _LOOK_AGAIN,
    )


def four_eyes(number: int) -> Conflict:
    """Somebody who would approve what they proposed."""
    return Conflict(
        "certification.four-eyes",
        Text(
            f"第 {number} 次认证由您提请发布，须由另一人复核。",
            f"You proposed run {number}; somebody else approves it.",
        ),
        Text("请由另一位审批人发布。", "Ask another approver."),
    )


def published_meanwhile(number: int) -> Conflict:
    """Two people, one publication."""
    return Conflict(
        "certification.published-meanwhile",
        Text(f"第 {number} 次认证已由他人发布。", f"Somebody else has published run {number} already."),
        _LOOK_AGAIN,
    )


def older_than_in_force(number: int) -> Conflict:
    """A run of an earlier day than the one in force."""
    return Conflict(
        "certification.older-run",
        Text(f"已有比第 {number} 次认证更新的结果在生效。", f"A run later than {number} is in force."),
        Text("请用当前数据重新认证。", "Run it again on today's data."),
    )


def day_outside(problem: Text) -> UsageError:
    """A day that is not one on which this can have been."""
    return UsageError("certification.day", problem, Text("请改正日期。", "Correct the day."))


def stranger() -> NotAllowed:
    """Somebody outside of one's scope; it does not tell whether there is such a person."""
    return NotAllowed(
        "certification.not-in-scope",
        Text("没有此人，或此人不在您负责的范围内。", "There is no such person, or none within what you answer for."),
        Text("请从列表中选择。", "Choose somebody from a list."),
    )


def nothing_published() -> Conflict:
    """No run is in force yet."""
    return Conflict(
        "certification.nothing-in-force",
        Text("还没有已发布的认证结果。", "No run has been published yet."),
        Text("请先在“认证”中运行、复核并发布一次。", "Run, propose and publish one first."),
    )
