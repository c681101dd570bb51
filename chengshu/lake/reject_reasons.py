"""Why a row is set aside, and what to do about it: by code; the codes are stable."""

from chengshu.kernel.identifiers import PROBLEM_TEXTS, IdProblem
from chengshu.kernel.texts import Text

BROKEN, BAD_ENCODING = "broken-row", "bad-encoding"
REASONS: dict[str, Text] = {
    BROKEN: Text("该行的列数与表头不符或引号不成对", "the line does not split into the header's columns"),
    BAD_ENCODING: Text("该行含有不属于所述编码的字节", "the line holds bytes that are not of the encoding described"),
    "missing-value": Text("必填的值为空", "a required value is missing"),
    "bad-date": Text("不是可识别的日期", "not a date that can be read"),
    "bad-number": Text("不是数字", "not a number"),
    "bad-flag": Text("不是是/否", "neither true nor false"),
    "unknown-person": Text("居民表中没有这个人", "nobody of this ID number is among the residents"),
    "person-set-aside": Text("该人在 residents 中的行已被搁置", "the person's own row in residents was set aside"),
    "before-birth": Text("早于该人的出生日期", "earlier than the person's birth"),
    "too-early": Text("早于 1900 年", "before 1900"),
    "bad-amount": Text("金额不是 0 到 1 亿之间的数", "the amount is not a number from 0 to 100 million"),
    "after-as-of": Text("晚于截止日期", "later than the as-of date"),
    "birth-date-differs": Text("出生日期与身份证号码不一致", "the birth date differs from the ID number's"),
    "future-birth": Text("出生日期晚于截止日期", "the birth date is later than the as-of date"),
    "bad-sex": Text("性别不是 1 或 2", "the sex is neither 1 nor 2"),
    "bad-region": Text("区划代码不是 6、9 或 12 位数字", "the region code is not of 6, 9 or 12 digits"),
    "duplicate-resident": Text("同一身份证号码的居民已有一行", "the same ID number already has a row"),
    "duplicate-key": Text("与前面一行重复", "repeats the key of an earlier row"),
    "died-after-recorded": Text("死亡日期晚于登记日期", "the death is later than its record"),
    "other-death-record": Text(
        "该人另有登记更早的死亡记录，以最早登记的为准",
        "the person has a death record made earlier; the earliest counts",
    ),
    "not-yet-known": Text("截止日期时尚未登记", "not yet recorded at the as-of date"),
    "unknown-benefit": Text("待遇表中没有这个待遇代码", "no benefit has this code"),
    "benefit-set-aside": Text("该待遇在 benefits 中的行已被搁置", "the benefit's own row in benefits was set aside"),
    "negative-amount": Text("金额小于 0", "the amount is below 0"),
    "ended-before-started": Text("结束日期早于开始日期", "it ended before it started"),
    "unknown-outcome": Text(
        "走访结果不是 alive、dead、moved_away、not_found 之一",
        "the outcome is not one of alive, dead, moved_away, not_found",
    ),
    "bad-cycle": Text("认证周期不是 1 到 1200 之间的月数", "the cycle is not a number of months from 1 to 1,200"),
} | {"id-" + problem.name.lower().replace("_", "-"): text for problem, text in PROBLEM_TEXTS.items()}
NEXT_STEPS: dict[str, Text] = {
    BROKEN: Text(
        "请对照表头补齐或删去该行多余的列，含分隔符或引号的值要加引号",
        "Give the line the header's columns; quote values that hold a delimiter or a quote",
    ),
    BAD_ENCODING: Text("请改正该行，或重新导出该文件", "Correct the line, or export the file again"),
    "missing-value": Text("请补填该值", "Fill the value in"),
    "bad-date": Text(
        "请写成 2025-03-01 的样子；45717 一类是表格软件的天数，起于 1900 还是 1904 年看不出来，请设为日期格式再导出",
        "Write the date like 2025-03-01; a number such as 45717 is a spreadsheet's count of days, from 1900 or 1904 it"
        " does not say: format the column as dates and export again",
    ),
    "bad-number": Text("请改为不带单位和千位分隔符的数字", "Write a plain number, without units or separators"),
    "bad-flag": Text("请写 true 或 false", "Write true or false"),
    "unknown-person": Text(
        "请核对号码；确有其人的，请补入 residents", "Check the number; if it is right, add the person to residents"
    ),
    "person-set-aside": Text(
        "请改正 residents 中该人的行，这一行即可使用", "Correct the person's row in residents, and this row will do"
    ),
    "too-early": Text("请核对日期：没有数据源早到那时", "Check the date: no feed reaches back so far"),
    "bad-amount": Text("请改为以元为单位的金额", "Write the amount in yuan"),
    "before-birth": Text(
        "请核对日期和号码，其中之一属于别人", "Check the date and the number: one of them is somebody else's"
    ),
    "after-as-of": Text(
        "日期无误则无需处理，用更晚的 --as-of 时会计入；否则请改正",
        "If the date is right, nothing: a later --as-of will count it; else correct it",
    ),
    "birth-date-differs": Text(
        "请与户籍核对，改正出生日期或号码",
        "Check with the household register, and correct the birth date or the number",
    ),
    "future-birth": Text(
        "日期无误则无需处理，用更晚的 --as-of 时会计入；否则请改正",
        "If the date is right, nothing: a later --as-of will count it; else correct it",
    ),
    "bad-sex": Text("请写 1（男）或 2（女）", "Write 1 (male) or 2 (female)"),
    "bad-region": Text(
        "请写 GB/T 2260 的 6 位代码，或到乡镇、村的 9、12 位代码",
        "Write a code of GB/T 2260, of 6 digits, or 9 or 12 for town and village",
    ),
    "duplicate-resident": Text(
        "请删去多余的一行；以文件中第一行为准", "Delete the row that is too many; the first in the file counts"
    ),
    "duplicate-key": Text(
        "请删去多余的一行；以文件中第一行为准", "Delete the row that is too many; the first in the file counts"
    ),
    "died-after-recorded": Text("请向登记部门核对两个日期", "Check both dates with the office that recorded the death"),
    "other-death-record": Text(
        "两份记录不一致时，请向登记部门核对", "If the records differ, check with the offices that made them"
    ),
    "not-yet-known": Text(
        "日期无误则无需处理，用更晚的 --as-of 时会计入；否则请改正",
        "If the date is right, nothing: a later --as-of will count it; else correct it",
    ),
    "unknown-benefit": Text(
        "请改正代码，或在 benefits 中补上这个待遇", "Correct the code, or add the benefit to benefits"
    ),
    "benefit-set-aside": Text(
        "请改正 benefits 中该待遇的行，这一行即可使用", "Correct the benefit's row in benefits, and this row will do"
    ),
    "negative-amount": Text(
        "请写不小于 0 的金额；退款不在此表", "Write an amount of 0 or more; refunds have no place here"
    ),
    "ended-before-started": Text(
        "请核对两个日期；仍在享受的，结束日期留空", "Check both dates; leave the end empty while it goes on"
    ),
    "unknown-outcome": Text("请改为这四个词之一", "Write one of these four words"),
    "bad-cycle": Text("请写整月数，如 12", "Write whole months, such as 12"),
    "id-length": Text("请补全号码；表格软件可能截断了它", "Complete the number; a spreadsheet may have cut it"),
    "id-character": Text(
        "请改正号码，只应有数字，末位可为 X", "Correct the number: digits only, and perhaps X at the end"
    ),
    "id-birth-date": Text("请对照证件改正号码", "Correct the number from the card"),
    "id-check-digit": Text(
        "请对照证件改正号码；末几位为 0 时是表格软件改的，请重新导出",
        "Correct the number from the card; if it ends in zeros a spreadsheet changed it, so export again",
    ),
    "id-future-birth": Text("请对照证件改正号码", "Correct the number from the card"),
    "id-missing": Text("请补填号码", "Fill the number in"),
}


def id_code(problem: IdProblem) -> str:
    """The code of an ID number's problem; a sound number that still leads nowhere is an unknown person's."""
    return "unknown-person" if problem is IdProblem.OK else "id-" + problem.name.lower().replace("_", "-")
