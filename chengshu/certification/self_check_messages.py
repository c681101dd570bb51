"""What self-checks say where something does not go on: plain words, and never whether somebody exists."""

from datetime import date

from chengshu.kernel.errors import Conflict, NotAllowed, UsageError
from chengshu.kernel.texts import Text

_ASK_OFFICE = Text(
    "请联系您所在的村（社区）或拨打 12345，请他们再发一条短信，或者上门办理。",
    "Ask your village or community office, or call 12345: they send another message, or come to you.",
)
_NEWEST = Text(
    "请看看手机里有没有更新的短信。没有的话，请联系您所在的村（社区）或拨打 12345。",
    "Look for a newer message on your phone. If there is none, ask your village or community office, or call 12345.",
)
_NOTHING_LEFT = Text(
    "您不用再做什么，待遇照常发放。", "There is nothing left for you to do; your payments go on as before."
)


def unknown_link() -> UsageError:
    """A link that was never sent, or has been cut off."""
    return UsageError(
        "certification.check-unknown",
        Text("这个链接打不开。", "This link does not open anything."),
        Text(
            "链接可能没有复制完整。请从短信里再点一次，或者改为输入短信里的六位验证码。",
            "Part of it may be missing. Open it from the message again, or type the six-digit code of the message.",
        ),
    )


def pass_expired() -> UsageError:
    """A code was typed, and then nothing for half an hour."""
    return UsageError(
        "certification.check-pass",
        Text("这个页面放得太久，已经失效。", "This page stood open for too long."),
        Text("请重新输入验证码。", "Type the code again."),
    )


def link_used(day: date) -> Conflict:
    """A link that has done its work."""
    return Conflict(
        "certification.check-used",
        Text(f"您已经在 {day} 确认过了。", f"You have confirmed already, on {day}."),
        _NOTHING_LEFT,
    )


def link_expired() -> Conflict:
    """A link of more than a fortnight ago, or one in whose place another was sent."""
    return Conflict(
        "certification.check-expired", Text("这个链接已经过期。", "This link is too old to be used."), _NEWEST
    )


def link_tried_out() -> Conflict:
    """A link that was tried too often with what does not fit."""
    return Conflict(
        "certification.check-tried-out",
        Text(
            "试错的次数太多，为了您的安全，这个链接不能再用了。",
            "It was tried too often without success; for your safety it cannot be used any more.",
        ),
        _ASK_OFFICE,
    )


def not_asked_any_more() -> Conflict:
    """A question that somebody else has answered, or that a later run no longer asks."""
    return Conflict(
        "certification.check-not-needed",
        Text("现在不需要您确认了。", "You need not confirm any more."),
        _NOTHING_LEFT,
    )


def wrong_code() -> UsageError:
    """A code and the end of an ID number that do not belong together; it does not tell which of them is wrong."""
    return UsageError(
        "certification.check-code",
        Text("验证码和身份证号后四位对不上。", "The code and the four digits do not belong together."),
        Text(
            "请对照短信再输入一次。错五次后验证码会失效，那时请联系您所在的村（社区）或拨打 12345。",
            "Compare them with the message and type again. After five mistakes a code ends; then ask your village or"
            " community office, or call 12345.",
        ),
    )


def guessed_too_often() -> Conflict:
    """Too many wrong codes from one address."""
    return Conflict(
        "certification.check-too-often",
        Text("输错的次数太多。", "Too many wrong codes."),
        Text(
            "请过十五分钟再试，或者直接点短信里的链接。",
            "Try again in a quarter of an hour, or open the link of the message.",
        ),
    )


def face_not_matched(left: int) -> UsageError:
    """The face service says that it is somebody else."""
    return UsageError(
        "certification.check-face",
        Text("刷脸没有通过，没有确认。", "The face did not match, and nothing was confirmed."),
        Text(
            f"请本人在光线好的地方再试一次，还可以试 {left} 次。也可以请村（社区）上门办理。",
            f"Try again yourself, in good light; {left} more tries are left. Or ask the village office to come to you.",
        ),
    )


def face_answer_refused() -> UsageError:
    """An answer that is not the face service's, is too old, or belongs to something else."""
    return UsageError(
        "certification.check-face-answer",
        Text("没有收到有效的刷脸结果。", "No valid result of the face step has come."),
        Text("请从短信里的链接重新开始。", "Begin again from the link of the message."),
    )


def no_face_service() -> Conflict:
    """The site has no face service."""
    return Conflict(
        "certification.check-no-face-service",
        Text("刷脸服务现在不能用。", "The face step is not available now."),
        _ASK_OFFICE,
    )


def may_not_send() -> NotAllowed:
    """Somebody who sends no links."""
    return NotAllowed(
        "certification.may-not-send",
        Text("您的岗位不能发送自证短信。", "Your post does not send messages for self-checks."),
        Text("请由承办人或部门经办人发送。", "Ask a handler or a department officer."),
    )


def nobody_to_send_to() -> Conflict:
    """An empty list."""
    return Conflict(
        "certification.nobody-to-send-to",
        Text("没有需要发送的人。", "There is nobody to send a message to."),
        Text(
            "名单里的人可能都已收到有效的短信，或已经确认。",
            "Those on the list may hold a valid message already, or have confirmed.",
        ),
    )


def too_many_to_send_to(most: int) -> UsageError:
    """A list that is longer than one job takes."""
    return UsageError(
        "certification.too-many-to-send-to",
        Text(f"一次最多发送给 {most:,} 人。", f"Messages go to {most:,} people at once at most."),
        Text("请按区划缩小范围，分批发送。", "Narrow the list by region and send it in parts."),
    )


def item_gone() -> Conflict:
    """Somebody who need not be asked any more, or is outside of one's scope."""
    return Conflict(
        "certification.item-gone",
        Text(
            "此人已不在待自证名单中，或不在您负责的范围内。",
            "The person is on the list no more, or not within what you answer for.",
        ),
        Text("请刷新名单。", "Load the list again."),
    )


def sent_just_now() -> Conflict:
    """Two who press the same button, or one who presses it twice."""
    return Conflict(
        "certification.sent-just-now",
        Text("刚刚已有人给此人发过短信。", "Somebody has sent this person a message a moment ago."),
        Text("请等十分钟；仍未收到再发一次。", "Wait ten minutes; then send another if it has not come."),
    )
