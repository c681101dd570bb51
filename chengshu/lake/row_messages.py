"""What the lake says of a package's rows; the codes are stable."""

from chengshu.kernel.errors import PackageError
from chengshu.kernel.texts import Text


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


def no_residents(path: object, set_aside: int) -> PackageError:
    """Not one usable resident."""
    return PackageError(
        "package.no-residents",
        Text(
            "资源 residents 的文件 {path} 中没有一个可用的人（{set_aside} 行被搁置）。",
            "The file {path} of resource residents holds not one usable person ({set_aside} rows were set aside).",
        ).format(path=path, set_aside=set_aside),
        Text(
            "请检查列 id_number 是否为 18 位身份证号码。",
            "Check that the column id_number holds ID numbers of 18 characters.",
        ),
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
