"""What refused changes say, in one place."""

from collections.abc import Iterable
from datetime import date

from django.core.exceptions import ValidationError

from chengshu.accounts.domain import KIND_NAMES, ROLE_NAMES, OrganisationKind, Role
from chengshu.kernel.errors import Conflict, NotAllowed
from chengshu.kernel.texts import Text

_TRY_AGAIN = Text("请改正后重试。", "Correct it and try again.")


def invalid(error: ValidationError) -> Conflict:
    """A field that does not hold what it should."""
    problems = "; ".join(
        f"{field}: {' '.join(map(str, problem))}" for field, problem in sorted(error.message_dict.items())
    )
    return Conflict("accounts.invalid", Text(f"填写有误：{problems}", f"Not valid: {problems}"), _TRY_AGAIN)


def username_taken(username: str) -> Conflict:
    """A name of an account that is there already."""
    return Conflict(
        "accounts.username-taken",
        Text(f"账号“{username}”已存在。", f"There is an account {username!r} already."),
        Text("请换一个账号名。", "Choose another name."),
    )


def administrators_are_separate(name: str, role: Role, held: Iterable[Role]) -> Conflict:
    """One person, two of the three administrators' roles."""
    others = Text(
        "、".join(ROLE_NAMES[other].zh for other in sorted(held)),
        ", ".join(ROLE_NAMES[other].en for other in sorted(held)),
    )
    return Conflict(
        "accounts.administrators-are-separate",
        Text(
            f"{name} 已是{others.zh}，不能再任{ROLE_NAMES[role].zh}：三员必须分立。",
            f"{name} is {others.en} and cannot be {ROLE_NAMES[role].en} too: the three are separate people.",
        ),
        Text("请任命他人，或先终止原岗位。", "Appoint somebody else, or end the other post first."),
    )


def already_appointed(name: str, role: Role, organisation: str) -> Conflict:
    """The same post twice."""
    return Conflict(
        "accounts.already-appointed",
        Text(
            f"{name} 已在{organisation}任{ROLE_NAMES[role].zh}。",
            f"{name} is {ROLE_NAMES[role].en} in {organisation} already.",
        ),
        Text("无需再次任命。", "There is nothing to do."),
    )


def post_ahead(since: date) -> Conflict:
    """A post that would begin on a day to come."""
    return Conflict(
        "accounts.post-ahead",
        Text(f"任职日期 {since} 在未来。", f"The post would begin on {since}, which lies ahead."),
        Text("请在当天任命。", "Appoint on the day itself."),
    )


def post_ended(until: date) -> Conflict:
    """A post that somebody else has ended meanwhile."""
    return Conflict(
        "accounts.post-ended",
        Text(f"该岗位已于 {until} 终止。", f"The post was ended on {until} already."),
        Text("无需再次终止。", "There is nothing to do."),
    )


def unknown_parent(code: str, parent_code: str | None) -> Conflict:
    """An organisation whose parent is neither there nor earlier in the list."""
    return Conflict(
        "accounts.unknown-parent",
        Text(
            f"机构 {code} 的上级 {parent_code} 不存在，或排在它之后。",
            f"The parent {parent_code} of {code} is not there, or comes after it.",
        ),
        Text("请把上级排在下级之前。", "List a parent before its children."),
    )


def wrong_parent(code: str, kind: OrganisationKind, parent: OrganisationKind | None) -> Conflict:
    """A kind of organisation that does not stand where it was put."""
    zh, en = (KIND_NAMES[parent].zh, KIND_NAMES[parent].en) if parent else ("顶层", "top of the tree")
    return Conflict(
        "accounts.wrong-parent",
        Text(
            f"机构 {code} 是{KIND_NAMES[kind].zh}，不能设在{zh}之下。",
            f"{code} is a {KIND_NAMES[kind].en}; it cannot stand under the {en}.",
        ),
        _TRY_AGAIN,
    )


def other_place(code: str) -> Conflict:
    """An import that would move an organisation, or make another thing of it."""
    return Conflict(
        "accounts.organisation-elsewhere",
        Text(f"机构 {code} 已存在，但类别或上级不同。", f"{code} is there already, as another kind or elsewhere."),
        Text("移动机构请用专门的操作。", "Moving an organisation is an action of its own."),
    )


def below_itself(code: str) -> Conflict:
    """A move of an organisation to below itself."""
    return Conflict(
        "accounts.below-itself",
        Text(f"机构 {code} 不能移到自己之下。", f"{code} cannot stand below itself."),
        _TRY_AGAIN,
    )


def too_many(code: str) -> Conflict:
    """A parent whose places are used up, or a tree that would become too deep."""
    return Conflict(
        "accounts.no-place",
        Text(f"机构 {code} 之下已没有位置。", f"There is no place left under {code}."),
        Text("请在其间增设一级。", "Put another level in between."),
    )


def token_invalid() -> Conflict:
    """A token without a name, or with a scope that there is not."""
    return Conflict(
        "accounts.token-invalid",
        Text("令牌须有名称和至少一个权限范围。", "A token has a name and at least one known scope."),
        _TRY_AGAIN,
    )


def token_day(first: date, last: date) -> Conflict:
    """A token that would end in the past, or never."""
    return Conflict(
        "accounts.token-day",
        Text(f"令牌的截止日须在 {first} 与 {last} 之间。", f"A token ends between {first} and {last}."),
        _TRY_AGAIN,
    )


def token_refused() -> NotAllowed:
    """A token that opens nothing; which of the reasons it is, is not told."""
    return NotAllowed(
        "accounts.token-refused",
        Text("令牌不存在、已停用、已过期或没有该权限范围。", "The token is unknown, revoked, expired or out of scope."),
        Text("请在个人设置中重新签发。", "Issue another one in your settings."),
    )
