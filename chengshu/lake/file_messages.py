"""What the lake says of a package's files; the codes are stable."""

from chengshu.kernel.errors import PackageError, StorageError
from chengshu.kernel.texts import Text


def file_missing(path: object, resource: str) -> PackageError:
    """A file that the descriptor names is not there."""
    return PackageError(
        "package.file-missing",
        Text("资源 {resource} 的文件 {path} 不存在。", "The file {path} of resource {resource} does not exist.").format(
            path=path, resource=resource
        ),
        Text(
            "请补交该文件，或在 datapackage.json 中更正 path。",
            "Hand it over, or correct its path in datapackage.json.",
        ),
    )


def file_empty(path: object, resource: str) -> PackageError:
    """A file holds nothing, not even a header."""
    return PackageError(
        "package.file-empty",
        Text("资源 {resource} 的文件 {path} 是空的。", "The file {path} of resource {resource} is empty.").format(
            path=path, resource=resource
        ),
        Text(
            "请重新导出该文件；没有数据时也应有表头。",
            "Export it again; a table without rows still has a header.",
        ),
    )


def is_folder(path: object, resource: str) -> PackageError:
    """A folder stands where a file should."""
    return PackageError(
        "package.file-is-folder",
        Text(
            "资源 {resource} 的 {path} 是文件夹，不是文件。",
            "{path} of resource {resource} is a folder, not a file.",
        ).format(path=path, resource=resource),
        Text(
            "请在 path 中写出文件名，或用通配符如 {path}/*.parquet。",
            "Name the file in path, or use a glob such as {path}/*.parquet.",
        ).format(path=path),
    )


def unreadable(path: object, resource: str, problem: str) -> PackageError:
    """A file is not of its format, or broken."""
    return PackageError(
        "package.file-unreadable",
        Text(
            "资源 {resource} 的文件 {path} 无法读取：{problem}",
            "The file {path} of resource {resource} cannot be read: {problem}",
        ).format(path=path, resource=resource, problem=problem),
        Text(
            "文件可能不完整或格式与描述不符，请重新导出或重新传输。",
            "It may be cut short or of another format than described; export or transfer it again.",
        ),
    )


def not_readable(path: object, resource: str) -> StorageError:
    """No right to read a file of the package."""
    return StorageError(
        "package.not-readable",
        Text(
            "没有权限读取资源 {resource} 的文件 {path}。",
            "There is no right to read the file {path} of resource {resource}.",
        ).format(path=path, resource=resource),
        Text("请管理员授予读取权限。", "Ask for the right to read it."),
    )


def column_missing(path: object, resource: str, column: str, present: list[str]) -> PackageError:
    """A required column is not in the file."""
    names = ", ".join(present)
    return PackageError(
        "package.column-missing",
        Text(
            "资源 {resource} 的文件 {path} 缺少列 {column}（现有列：{names}）。",
            "The file {path} of resource {resource} has no column {column} (it has: {names}).",
        ).format(path=path, resource=resource, column=column, names=names),
        Text(
            "请补充该列，或将对应的列改名为 {column}。",
            "Add the column, or rename the one that holds it to {column}.",
        ).format(column=column),
    )


def sheet_column_missing(path: object, resource: str, column: str, present: list[str], sheet: str) -> PackageError:
    """A required column is not in the first row of a workbook, often because a title stands there."""
    names = ", ".join(name or "-" for name in present) or "-"
    return PackageError(
        "package.column-missing",
        Text(
            "资源 {resource} 的文件 {path} 中，工作表“{sheet}”的第 1 行没有列 {column}（该行是：{names}）。",
            'In the file {path} of resource {resource}, row 1 of the sheet "{sheet}" has no column {column} '
            "(it has: {names}).",
        ).format(path=path, resource=resource, sheet=sheet, column=column, names=names),
        Text(
            "只读第一个工作表，其第 1 行须为列名：请删去上面的标题行，把该表移到最前，或补充列 {column}。",
            "Only the first sheet is read, and its row 1 must be the column names: delete a title above them, "
            "move the sheet to the front, or add the column {column}.",
        ).format(column=column),
    )


def column_twice(path: object, resource: str, column: str, names: list[str]) -> PackageError:
    """A column that is read stands twice in a file, in whichever capitals."""
    return PackageError(
        "package.column-twice",
        Text(
            "资源 {resource} 的文件 {path} 中列 {column} 出现了 {count} 次（{names}），不知道该读哪一列。",
            "In the file {path} of resource {resource} the column {column} stands {count} times ({names}): "
            "which of them counts is not said.",
        ).format(path=path, resource=resource, column=column, count=len(names), names=", ".join(names)),
        Text("请删去多余的列，或改成别的列名。", "Take the others out, or give them other names."),
    )


def is_compressed(path: object, resource: str) -> PackageError:
    """A file is compressed, but its name does not say so."""
    return PackageError(
        "package.file-compressed",
        Text(
            "资源 {resource} 的文件 {path} 是 gzip 压缩文件，但文件名不以 .gz 结尾。",
            "The file {path} of resource {resource} is compressed by gzip, but its name does not end in .gz.",
        ).format(path=path, resource=resource),
        Text(
            "请把它改名为 {path}.gz，并更正 datapackage.json 中的 path；或先解压缩。",
            "Rename it to {path}.gz and correct the path in datapackage.json, or decompress it.",
        ).format(path=path),
    )


def wrong_delimiter(path: object, resource: str, column: str, delimiter: str) -> PackageError:
    """The header reads as one column because another delimiter is used."""
    return PackageError(
        "package.wrong-delimiter",
        Text(
            "资源 {resource} 的文件 {path} 按所述分隔符只读出一列，找不到列 {column}；实际分隔符像是 {shown}。",
            "By the delimiter described, the file {path} of resource {resource} reads as a single column, "
            "without {column}; its delimiter seems to be {shown}.",
        ).format(path=path, resource=resource, column=column, shown=repr(delimiter)),
        Text(
            '请在 datapackage.json 的该资源中写 "dialect": {{"delimiter": {shown}}}。',
            'Say "dialect": {{"delimiter": {shown}}} in this resource of datapackage.json.',
        ).format(shown='"' + delimiter.replace("\t", "\\t") + '"'),
    )


def wrong_encoding(
    path: object, resource: str, encoding: str, line: int, bad: int, proposal: str | None
) -> PackageError:
    """Bytes that are not of the declared encoding; `proposal` is one that the file can be decoded by.

    No `line` can be named in an encoding whose lines do not end with the byte of a line feed: 0.
    """
    what = Text(
        "资源 {resource} 的文件 {path} 不是 {encoding} 编码",
        "The file {path} of resource {resource} is not {encoding}",
    )
    where = Text(
        "：{bad} 行无法解码，最先是第 {line} 行。", ": {bad} lines cannot be decoded, line {line} is the first."
    )
    if not line:
        where = Text("。", ".")
        step = Text("请另存为 UTF-8。", "Save the file as UTF-8.")
    elif proposal is None:
        step = Text(
            "请改正第 {line} 行等处，或重新导出为 UTF-8；该文件也不是其他已知编码。",
            "Correct line {line} and its like, or export the file again as UTF-8; it is of no other known encoding.",
        )
    if proposal is not None:
        step = Text(
            '请在 datapackage.json 的该资源中写 "encoding": "{proposal}"，或另存为 UTF-8。',
            'Say "encoding": "{proposal}" in this resource of datapackage.json, or save the file as UTF-8.',
        )
    return PackageError(
        "package.wrong-encoding",
        Text(what.zh + where.zh, what.en + where.en).format(
            path=path, resource=resource, encoding=encoding, line=line, bad=bad
        ),
        step.format(line=line, proposal=proposal),
    )


def unknown_format(path: object, resource: str, declared: str | None) -> PackageError:
    """A format that is not known: the declared one, or else what the name of the file tells."""
    message = Text(
        "资源 {resource} 的文件 {path} 格式无法识别。",
        "The format of file {path} of resource {resource} is not known.",
    )
    if declared:
        message = Text(
            '资源 {resource}（文件 {path}）写明的格式 "format": "{declared}" 无法识别。',
            'The format that resource {resource} (file {path}) gives, "format": "{declared}", is not known.',
        )
    return PackageError(
        "package.unknown-format",
        message.format(path=path, resource=resource, declared=declared),
        Text(
            "可用格式：parquet、csv、csv.gz、xlsx；请将文件另存为其中之一，并更正 path 和 format。",
            "It may be parquet, csv, csv.gz or xlsx: save the file as one of them, and correct path and format.",
        ),
    )


def format_differs(path: object, resource: str, declared: str, by_name: str) -> PackageError:
    """The declared format is not that which the file's name tells."""
    return PackageError(
        "package.format-differs",
        Text(
            '资源 {resource} 写明 "format": "{declared}"，但文件 {path} 看来是 {by_name}。',
            'Resource {resource} says "format": "{declared}", but its file {path} seems to be {by_name}.',
        ).format(path=path, resource=resource, declared=declared, by_name=by_name),
        Text(
            '请在 datapackage.json 的该资源中写 "format": "{by_name}"，或更正文件名。',
            'Say "format": "{by_name}" in this resource of datapackage.json, or correct the name of the file.',
        ).format(by_name=by_name),
    )
