"""What the lake says of a package's descriptor and its resources; the codes are stable."""

from chengshu.kernel.errors import PackageError, StorageError
from chengshu.kernel.texts import Text


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


def resource_missing(file: object, resource: str) -> PackageError:
    """The descriptor lacks a resource that every city needs."""
    return PackageError(
        "package.resource-missing",
        Text("{file} 中没有资源 {resource}。", "{file} has no resource {resource}.").format(
            file=file, resource=resource
        ),
        Text(
            "请在 resources 中补充 {resource} 并给出其文件。",
            "Add {resource} to its resources, with the file that holds it.",
        ).format(resource=resource),
    )


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


def unknown_encoding(file: object, resource: str, encoding: str) -> PackageError:
    """An encoding that is not known."""
    return PackageError(
        "package.unknown-encoding",
        Text(
            "{file} 中资源 {resource} 的编码 {encoding} 无法识别。",
            "{file} gives resource {resource} the encoding {encoding}, which is not known.",
        ).format(file=file, resource=resource, encoding=encoding),
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
