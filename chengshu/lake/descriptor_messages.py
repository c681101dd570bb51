"""What the lake says of a package's descriptor and its resources; the codes are stable."""

from chengshu.kernel.errors import PackageError, StorageError
from chengshu.kernel.texts import Text

_SHOWN_PATH = 100


def no_descriptor(folder: object) -> PackageError:
    """The folder has no datapackage.json."""
    return PackageError(
        "package.no-descriptor",
        Text("{folder} 中没有 datapackage.json。", "There is no datapackage.json in {folder}.").format(folder=folder),
        Text(
            "请检查路径；如只有数据文件，可用 `chengshu describe {folder}` 起草一份。",
            "Check the path; if there are just tables, `chengshu describe {folder}` drafts one.",
        ).format(folder=folder),
    )


def bad_descriptor(file: object, problem: str) -> PackageError:
    """The descriptor is not JSON, or does not say what it must."""
    return PackageError(
        "package.bad-descriptor",
        Text("{file} 不是可用的描述文件：{problem}。", "{file} cannot be used: {problem}.").format(
            file=file, problem=problem
        ),
        Text("请按提示位置修改该文件。", "Correct the file at the place named."),
    )


def descriptor_not_readable(file: object, problem: str) -> StorageError:
    """The descriptor is there, but cannot be read: no right to it, or a failing disk."""
    return StorageError(
        "package.not-readable",
        Text("无法读取描述文件 {file}：{problem}。", "The descriptor {file} cannot be read: {problem}.").format(
            file=file, problem=problem
        ),
        Text(
            "请管理员授予对该文件及其所在文件夹的读取权限。",
            "Ask for the right to read it and the folder that holds it.",
        ),
    )


def not_a_folder(folder: object) -> PackageError:
    """The city is not a folder."""
    return PackageError(
        "package.not-a-folder",
        Text("{folder} 不是文件夹。", "{folder} is not a folder.").format(folder=folder),
        Text("请给出城市数据包所在的文件夹。", "Name the folder that holds the city data package."),
    )


def resource_missing(file: object, resource: str, near: str | None) -> PackageError:
    """The descriptor lacks a resource that every city needs; `near` is one of much the same name."""
    step = Text(
        "请在 resources 中补充 {resource} 并给出其文件。",
        "Add {resource} to its resources, with the file that holds it.",
    )
    if near is not None:
        step = Text(
            "若资源 {near} 就是它，请把 name 改为 {resource}；否则请补充 {resource} 并给出其文件。",
            "If its resource {near} is meant, give it the name {resource}; else add {resource} with its file.",
        )
    return PackageError(
        "package.resource-missing",
        Text("{file} 中没有资源 {resource}。", "{file} has no resource {resource}.").format(
            file=file, resource=resource
        ),
        step.format(resource=resource, near=near),
    )


def source_code_missing(file: object, resource: str, path: str, proposal: str) -> PackageError:
    """A resource holds events, but does not say of which source."""
    return PackageError(
        "package.source-code-missing",
        Text(
            "{file} 中资源 {resource}（文件 {path}）是事件表，但没有 source_code，不知道是哪个来源的事件。",
            "In {file} the resource {resource} (file {path}) holds events, but has no source_code: "
            "of which source is not said.",
        ).format(file=file, resource=resource, path=path),
        Text(
            '请在该资源中写 "source_code": "{proposal}"，即 sources 的列 source_code 中的代码；'
            "若不是事件表，请把该资源从描述文件中去掉。",
            'Say "source_code": "{proposal}" in this resource, a code of the column source_code of sources; '
            "if it holds no events, take the resource out of the descriptor.",
        ).format(proposal=proposal),
    )


def file_twice(file: object, path: str, first: str, second: str) -> PackageError:
    """The same file is named twice, so that its rows would count twice."""
    return PackageError(
        "package.file-twice",
        Text(
            "{file} 中文件 {path} 出现了两次：资源 {first} 和资源 {second}，其中的行会被重复计算。",
            "{file} names the file {path} twice, in resource {first} and in resource {second}: "
            "its rows would count twice.",
        ).format(file=file, path=path, first=first, second=second),
        Text(
            "请去掉其中一处，或在 path 中写出真正的文件。",
            "Take one of them out, or name the file that is meant in its path.",
        ),
    )


def unknown_resource(resource: str, near: str | None) -> Text:
    """A resource that fits no table is left alone; `near` is the table that may be meant."""
    if near is None:
        return Text(
            "资源 {resource} 不属于任何已知的表，未读取。",
            "The resource {resource} is none of the known tables, and was not read.",
        ).format(resource=resource)
    return Text(
        "资源 {resource} 不属于任何已知的表，未读取；是否应为 {near}？请在 datapackage.json 中改正 name。",
        "The resource {resource} is none of the known tables, and was not read; is {near} meant? "
        "If so, correct its name in datapackage.json.",
    ).format(resource=resource, near=near)


def path_escapes(path: str, resource: str) -> PackageError:
    """A path leads out of the package."""
    return PackageError(
        "package.path-escapes",
        Text(
            "资源 {resource} 的路径 {path} 指向数据包之外。",
            "The path {path} of resource {resource} leads out of the package.",
        ).format(path=path, resource=resource),
        Text("请使用相对于数据包文件夹的路径。", "Use a path relative to the folder of the package."),
    )


def bad_path(file: object, path: str, resource: str, problem: str) -> PackageError:
    """A path that no system can follow, or a pattern that is none; a long one is shown by its beginning."""
    shown = path if len(path) <= _SHOWN_PATH else path[:_SHOWN_PATH] + "…"
    return PackageError(
        "package.bad-path",
        Text(
            "{file} 中资源 {resource} 的 path 无法使用：{path}（{problem}）。",
            "In {file} the path of resource {resource} cannot be used: {path} ({problem}).",
        ).format(file=file, resource=resource, path=shown, problem=problem),
        Text(
            "请写出文件名，或用通配符如 events/*.csv；** 只能单独作为一级文件夹，如 events/**/*.csv。",
            "Name the file, or use a glob such as events/*.csv; ** stands for folders alone, as in events/**/*.csv.",
        ),
    )


def unknown_encoding(file: object, resource: str, encoding: str) -> PackageError:
    """An encoding that is not known."""
    return PackageError(
        "package.unknown-encoding",
        Text(
            "{file} 中资源 {resource} 的编码 {encoding} 无法识别。",
            "{file} gives resource {resource} the encoding {encoding}, which is not known.",
        ).format(file=file, resource=resource, encoding=encoding.replace("\0", "\\0")),
        Text("请写 utf-8 或 gb18030。", "Say utf-8 or gb18030."),
    )


def too_many_sources(count: int, most: int) -> PackageError:
    """More sources than a cell number holds."""
    return PackageError(
        "package.too-many-sources",
        Text(
            "资源 sources 有 {count} 个来源，最多 {most} 个。",
            "The resource sources has {count} rows; at most {most} fit.",
        ).format(count=count, most=most),
        Text("请合并性质相近的来源（列 source_code）。", "Merge sources of one kind (column source_code)."),
    )
