"""What refused visits say, in one place."""

from datetime import date

from chengshu.certification.models import Visit, WorkItem
from chengshu.kernel.errors import Conflict, UsageError
from chengshu.kernel.texts import Text

_TO_THE_LIST = Text("请回到走访清单，选择下一位。", "Go back to the list and choose the next person.")
_ANOTHER_PHOTO = Text("请重新拍一张，或不附照片再提交。", "Take another one, or send the visit without a photo.")


def day_ahead(day: date, today: date) -> UsageError:
    """A visit that has yet to be."""
    return UsageError(
        "certification.visit-ahead",
        Text(f"走访日期 {day} 晚于今天（{today}）。", f"The day of the visit, {day}, is later than today, {today}."),
        Text("请填写实际走访的日期。", "Give the day on which the visit was made."),
    )


def day_too_early(day: date, earliest: date) -> UsageError:
    """A visit too long ago to tell how somebody is today."""
    return UsageError(
        "certification.visit-too-early",
        Text(f"走访日期 {day} 太早，最早可填 {earliest}。", f"The day of the visit, {day}, is before {earliest}."),
        Text("请核对日期；走访已久的，请再去一次。", "Check the day; if it is that long ago, go there again."),
    )


def unknown_outcome(outcome: str) -> UsageError:
    """Something that no visitor can find."""
    return UsageError(
        "certification.visit-outcome",
        Text(f"没有“{outcome[:20]}”这种走访结果。", f"There is no outcome “{outcome[:20]}” of a visit."),
        Text("请选择在世、已去世、已迁走或没找到。", "Choose alive, dead, moved away or not found."),
    )


def closed_meanwhile(item: WorkItem, visit: Visit | None) -> Conflict:
    """Somebody whom somebody else has seen already; it tells who, and when."""
    when = f"{(visit.recorded_at if visit else item.closed_at or item.opened_at).astimezone():%Y-%m-%d %H:%M}"
    if visit is not None and visit.recorded_by is not None:
        name = visit.recorded_by.name
        what = Text(f"{name}已于 {when} 登记了对此人的走访。", f"{name} recorded a visit to this person on {when}.")
    elif visit is not None:
        what = Text(f"此人已于 {when} 自己确认。", f"This person confirmed it themselves on {when}.")
    else:
        what = Text(f"此人已于 {when} 从清单中撤下。", f"This person was taken off the list on {when}.")
    return Conflict("certification.visit-closed", what, _TO_THE_LIST)


def sent_before() -> Conflict:
    """One number of a visit for two different ones."""
    return Conflict(
        "certification.visit-sent-before",
        Text("这次走访已经提交过，内容与这次不同。", "This visit was sent before, and said something else."),
        Text("先提交的已保存；要改正，请联系上级人员。", "The first one is kept; ask your supervisor to correct it."),
    )


def photo_too_big(most_megabytes: int) -> UsageError:
    """A photo of too many bytes."""
    return UsageError(
        "certification.photo-too-big",
        Text(f"照片超过 {most_megabytes} MB。", f"The photo is larger than {most_megabytes} MB."),
        Text("请在相机中选择较小的尺寸，或不附照片。", "Choose a smaller size in the camera, or leave the photo out."),
    )


def photo_too_wide(width: int, height: int) -> UsageError:
    """A photo of too many dots."""
    return UsageError(
        "certification.photo-too-wide",
        Text(f"照片有 {width} × {height} 点，太大。", f"The photo has {width} by {height} dots, which is too many."),
        Text("请在相机中选择较小的尺寸，或不附照片。", "Choose a smaller size in the camera, or leave the photo out."),
    )


def no_photo() -> UsageError:
    """A file that is no photo, whatever it is called."""
    return UsageError(
        "certification.photo-unreadable",
        Text("所附文件不是 JPEG、PNG 或 WebP 照片，或已损坏。", "The file is no whole JPEG, PNG or WebP picture."),
        _ANOTHER_PHOTO,
    )
