"""What a load tells its user beside its rows: nothing failed, but something had better be known."""

from chengshu.kernel.texts import Text

TOO_MANY_REJECTS = Text(
    "搁置的行太多：只列出前 {most} 行，共 {total} 行，计数完整。",
    "Too many rows were set aside to list: {most} of {total} are listed; the counts are complete.",
)
UNLISTED_SOURCE = Text(
    "数据来源 {code} 有事件但不在 sources 中，已补入。",
    "Source {code} has events but is not listed in sources; it was added.",
)
LOST_SOURCE = Text(
    "数据来源 {code} 在 sources 中的行已被搁置，以代码为名补入；请改正该行。",
    "The row of source {code} in sources was set aside; it was added with its code for a name. Correct that row.",
)
RESIDENTS_ASIDE = Text(
    "residents 中有 {rows} 行被搁置：这些人没有决定，他们的待遇也未计入（能对上号的 {entitlements} 条；"
    "身份证号不可读的，其待遇记作“查无此人”）。请按 rejects.parquet 改正 residents。",
    "{rows} rows of residents were set aside: these people get no decision, and their entitlements are left out "
    "({entitlements} that can be matched; those of people whose ID number cannot be read are told as of an unknown "
    "person). Correct residents by rejects.parquet.",
)
BENEFITS_ASIDE = Text(
    "benefits 中有 {rows} 行被搁置：{people} 人的 {entitlements} 条待遇因此未计入。请按 rejects.parquet 改正。",
    "{rows} rows of benefits were set aside: {entitlements} entitlements of {people} people are left out. "
    "Correct them by rejects.parquet.",
)
NO_FEED = Text(
    "数据来源 {code} 没有提交事件：该来源不参与判断。",
    "Source {code} handed over no events resource: it takes no part in any decision.",
)
NO_EVENTS = Text(
    "数据来源 {code} 的事件表中没有可用的行：该来源不参与判断。",
    "The events of source {code} hold no usable row: it takes no part in any decision.",
)
EMPTY_FEED = Text(
    "数据来源 {code} 的事件表没有一行数据：该来源不参与判断。请确认导出是否完整。",
    "The events of source {code} have no rows: it takes no part in any decision. Check that the export is complete.",
)
NO_DEATHS = Text(
    "没有死亡登记资源 deaths：模型改用生命表先验。",
    "There is no resource deaths: the model relies on its life table.",
)
