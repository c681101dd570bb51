"""How far a question to a resident has come, as the rows of its links tell: pure."""

from datetime import timedelta
from enum import StrEnum

from chengshu.kernel.texts import Text

VALID_DAYS = 14
MOST_ATTEMPTS = 5
RESEND_AFTER = timedelta(minutes=10)
"""Nobody gets a second message sooner, whoever presses the button."""


class Channel(StrEnum):
    """What became of a message, where it did not go out by a gateway; a gateway's own name where it did."""

    PENDING = "pending"
    NO_PHONE = "none"
    FAILED = "failed"


class Asked(StrEnum):
    """How far the question has come."""

    UNSENT = "unsent"
    SENT = "sent"
    EXPIRED = "expired"
    NO_PHONE = "no_phone"
    FAILED = "failed"
    DONE = "done"


ASKED_NAMES = {
    Asked.UNSENT: Text("未发送", "not sent yet"),
    Asked.SENT: Text("已发送，等待确认", "sent, not confirmed yet"),
    Asked.EXPIRED: Text("短信已失效", "the message has expired"),
    Asked.NO_PHONE: Text("没有手机号", "no phone number"),
    Asked.FAILED: Text("发送失败", "could not be sent"),
    Asked.DONE: Text("已确认", "confirmed"),
}
