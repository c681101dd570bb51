"""What the lake says of a package's rows; the codes are stable."""

from chengshu.kernel.errors import PackageError
from chengshu.kernel.texts import Text
from chengshu.lake.reject_reasons import NEXT_STEPS, REASONS


def too_many_regions(resource: str, most: int) -> PackageError:
    """More distinct region codes than fit beside a person's rank."""
    return PackageError(
        "package.too-many-regions",
        Text(
            "资源 {resource} 的列 region_code 中不同的区划代码超过 {most} 个。",
            "The column region_code of resource {resource} holds more than {most} different codes.",
        ).format(resource=resource, most=most),
        Text("请确认该列是区划代码，或去掉该列。", "Check that it holds region codes, or leave the column out."),
    )


def no_rows(path: object, resource: str) -> PackageError:
    """A table that every city needs has a header and nothing else."""
    code = "package.no-residents" if resource == "residents" else "package.resource-empty"
    return PackageError(
        code,
        Text(
            "资源 {resource} 的文件 {path} 只有表头，没有一行数据。",
            "The file {path} of resource {resource} has no rows, only a header.",
        ).format(path=path, resource=resource),
        Text(
            "请重新导出该表，并确认导出条件没有把所有行都滤掉。",
            "Export the table again, and check that the export did not filter all rows away.",
        ),
    )


def no_residents(path: object, set_aside: int, code: str) -> PackageError:
    """Not one usable resident; `code` is the commonest reason."""
    return PackageError(
        "package.no-residents",
        Text(
            "资源 residents 的文件 {path} 中没有一个可用的人：{set_aside} 行全部被搁置，多因 {code}（{reason}）。",
            "The file {path} of resource residents holds not one usable person: all {set_aside} rows were set aside, "
            "most of them as {code} ({reason_en}).",
        ).format(path=path, set_aside=set_aside, code=code, reason=REASONS[code].zh, reason_en=REASONS[code].en),
        Text("{step}。", "{step_en}.").format(step=NEXT_STEPS[code].zh, step_en=NEXT_STEPS[code].en),
    )


def strict_failed(count: int, first: Text) -> PackageError:
    """Rows were set aside though --strict was asked for; `first` are the first of them, a line each."""
    message = Text(
        "有 {count} 行无法使用，--strict 不允许。最先的几行：{first}",
        "{count} rows cannot be used, and --strict allows none. The first:{first}",
    )
    return PackageError(
        "package.rows-set-aside",
        Text(message.zh.format(count=count, first=first.zh), message.en.format(count=count, first=first.en)),
        Text(
            "请改正这些行，或去掉 --strict，全部列在 rejects.parquet 中。",
            "Correct these rows, or leave out --strict to have all of them in rejects.parquet.",
        ),
    )
