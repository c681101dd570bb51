"""What the lake says to users about a package as a whole; the codes are stable."""

from chengshu.kernel.errors import ChengshuError, EngineError, PackageError, StorageError
from chengshu.kernel.texts import Text


def _package(code: str, message: Text, next_step: Text) -> PackageError:
    return PackageError(f"package.{code}", message, next_step)


def no_descriptor(folder: object) -> PackageError:
    """The folder has no datapackage.json."""
    return _package(
        "no-descriptor",
        Text("{folder} 中没有 datapackage.json。", "There is no datapackage.json in {folder}.").format(folder=folder),
        Text(
            "请检查路径；如只有数据文件，可用 `chengshu describe {folder}` 起草一份。",
            "Check the path; if there are just tables, `chengshu describe {folder}` drafts one.",
        ).format(folder=folder),
    )


def bad_descriptor(file: object, problem: str) -> PackageError:
    """The descriptor is not JSON, or does not say what it must."""
    return _package(
        "bad-descriptor",
        Text("{file} 不是可用的描述文件：{problem}。", "{file} cannot be used: {problem}.").format(
            file=file, problem=problem
        ),
        Text("请按提示位置修改该文件。", "Correct the file at the place named."),
    )


def not_a_folder(folder: object) -> PackageError:
    """The city is not a folder."""
    return _package(
        "not-a-folder",
        Text("{folder} 不是文件夹。", "{folder} is not a folder.").format(folder=folder),
        Text("请给出城市数据包所在的文件夹。", "Name the folder that holds the city data package."),
    )


def resource_missing(file: object, resource: str) -> PackageError:
    """The descriptor lacks a resource that every city needs."""
    return _package(
        "resource-missing",
        Text("{file} 中没有资源 {resource}。", "{file} has no resource {resource}.").format(
            file=file, resource=resource
        ),
        Text(
            "请在 resources 中补充 {resource} 并给出其文件。",
            "Add {resource} to its resources, with the file that holds it.",
        ).format(resource=resource),
    )


def file_missing(path: object, resource: str) -> PackageError:
    """A file that the descriptor names is not there."""
    return _package(
        "file-missing",
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
    return _package(
        "file-empty",
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
    return _package(
        "file-is-folder",
        Text(
            "资源 {resource} 的 {path} 是文件夹，不是文件。",
            "{path} of resource {resource} is a folder, not a file.",
        ).format(path=path, resource=resource),
        Text(
            "请在 path 中写出文件名，或用通配符如 {path}/*.parquet。",
            "Name the file in path, or use a glob such as {path}/*.parquet.",
        ).format(path=path),
    )


def path_escapes(path: str, resource: str) -> PackageError:
    """A path leads out of the package."""
    return _package(
        "path-escapes",
        Text(
            "资源 {resource} 的路径 {path} 指向数据包之外。",
            "The path {path} of resource {resource} leads out of the package.",
        ).format(path=path, resource=resource),
        Text("请使用相对于数据包文件夹的路径。", "Use a path relative to the folder of the package."),
    )


def unreadable(path: object, resource: str, problem: str) -> PackageError:
    """A file is not of its format, or broken."""
    return _package(
        "file-unreadable",
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
    return _package(
        "column-missing",
        Text(
            "资源 {resource} 的文件 {path} 缺少列 {column}（现有列：{names}）。",
            "The file {path} of resource {resource} has no column {column} (it has: {names}).",
        ).format(path=path, resource=resource, column=column, names=names),
        Text(
            "请补充该列，或将对应的列改名为 {column}。",
            "Add the column, or rename the one that holds it to {column}.",
        ).format(column=column),
    )


def wrong_delimiter(path: object, resource: str, column: str, delimiter: str) -> PackageError:
    """The header reads as one column because another delimiter is used."""
    return _package(
        "wrong-delimiter",
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


def wrong_encoding(path: object, resource: str, encoding: str, line: int, byte: int, proposal: str) -> PackageError:
    """Bytes that are not of the declared encoding."""
    return _package(
        "wrong-encoding",
        Text(
            "资源 {resource} 的文件 {path} 不是 {encoding} 编码：第 {line} 行（第 {byte} 字节）无法解码。",
            "The file {path} of resource {resource} is not {encoding}: line {line} (byte {byte}) cannot be decoded.",
        ).format(path=path, resource=resource, encoding=encoding, line=line, byte=byte),
        Text(
            '请在 datapackage.json 的该资源中写 "encoding": "{proposal}"，或另存为 UTF-8。',
            'Say "encoding": "{proposal}" in this resource of datapackage.json, or save the file as UTF-8.',
        ).format(proposal=proposal),
    )


def unknown_encoding(file: object, resource: str, encoding: str) -> PackageError:
    """An encoding that is not known."""
    return _package(
        "unknown-encoding",
        Text(
            "{file} 中资源 {resource} 的编码 {encoding} 无法识别。",
            "{file} gives resource {resource} the encoding {encoding}, which is not known.",
        ).format(file=file, resource=resource, encoding=encoding),
        Text("请写 utf-8 或 gb18030。", "Say utf-8 or gb18030."),
    )


def unknown_format(path: object, resource: str) -> PackageError:
    """A file whose format is neither declared nor told by its name."""
    return _package(
        "unknown-format",
        Text(
            "资源 {resource} 的文件 {path} 格式无法识别。",
            "The format of file {path} of resource {resource} is not known.",
        ).format(path=path, resource=resource),
        Text("可用格式：parquet、csv、csv.gz、xlsx。", "It may be parquet, csv, csv.gz or xlsx."),
    )


def too_many_sources(count: int, most: int) -> PackageError:
    """More sources than a cell number holds."""
    return _package(
        "too-many-sources",
        Text(
            "资源 sources 有 {count} 个来源，最多 {most} 个。",
            "The resource sources has {count} rows; at most {most} fit.",
        ).format(count=count, most=most),
        Text("请合并性质相近的来源（列 source_code）。", "Merge sources of one kind (column source_code)."),
    )


def too_many_regions(resource: str, most: int) -> PackageError:
    """More distinct region codes than fit beside a person's rank."""
    return _package(
        "too-many-regions",
        Text(
            "资源 {resource} 的列 region_code 中不同的区划代码超过 {most} 个。",
            "The column region_code of resource {resource} holds more than {most} different codes.",
        ).format(resource=resource, most=most),
        Text("请确认该列是区划代码，或去掉该列。", "Check that it holds region codes, or leave the column out."),
    )


def no_residents(path: object, set_aside: int) -> PackageError:
    """Not one usable resident."""
    return _package(
        "no-residents",
        Text(
            "资源 residents 的文件 {path} 中没有一个可用的人（{set_aside} 行被搁置）。",
            "The file {path} of resource residents holds not one usable person ({set_aside} rows were set aside).",
        ).format(path=path, set_aside=set_aside),
        Text(
            "请检查列 id_number 是否为 18 位身份证号码。",
            "Check that the column id_number holds ID numbers of 18 characters.",
        ),
    )


def strict_failed(count: int, first: str) -> PackageError:
    """Rows were set aside though --strict was asked for."""
    return _package(
        "rows-set-aside",
        Text(
            "有 {count} 行无法使用，--strict 不允许。最先的几行：{first}",
            "{count} rows cannot be used, and --strict allows none. The first: {first}",
        ).format(count=count, first=first),
        Text("请改正这些行，或去掉 --strict。", "Correct these rows, or leave out --strict."),
    )


def no_load(lake: object) -> StorageError:
    """Nothing has been gathered there yet."""
    return StorageError(
        "lake.no-load",
        Text("{lake} 中还没有归集过的数据。", "Nothing has been gathered into {lake} yet.").format(lake=lake),
        Text("请先归集一个城市数据包。", "Gather a city data package first."),
    )


def unknown_load(lake: object, load_id: str, known: list[str]) -> StorageError:
    """A load of this name was never finished."""
    return StorageError(
        "lake.unknown-load",
        Text(
            "{lake} 中没有批次 {load_id}（现有：{known}）。",
            "There is no load {load_id} in {lake} (there are: {known}).",
        ).format(lake=lake, load_id=load_id, known=", ".join(known)),
        Text("请从现有批次中选择。", "Choose one of those."),
    )


def locked(lake: object, pid: int) -> StorageError:
    """Another process is gathering into the same lake."""
    return StorageError(
        "lake.locked",
        Text("进程 {pid} 正在向 {lake} 归集数据。", "Process {pid} is gathering into {lake}.").format(
            lake=lake, pid=pid
        ),
        Text("请等它结束，或换一个数据湖文件夹。", "Wait until it ends, or use another folder for the lake."),
    )


def disk_full(path: object) -> StorageError:
    """No space left."""
    return StorageError(
        "lake.disk-full",
        Text(
            "写 {path} 时磁盘已满；上一批完好的数据未受影响。",
            "The disk is full while writing {path}; the last good load is untouched.",
        ).format(path=path),
        Text(
            "请腾出空间（约为数据包大小的两倍）后重试。",
            "Make room (about twice the size of the package) and try again.",
        ),
    )


def not_permitted(path: object) -> StorageError:
    """No right to write."""
    return StorageError(
        "lake.not-writable",
        Text("不能写入 {path}。", "{path} cannot be written to.").format(path=path),
        Text(
            "请换一个可写的文件夹，或请管理员授权。",
            "Choose a folder that you may write to, or ask for the right.",
        ),
    )


def wrong_secret(path: object) -> StorageError:
    """The identity key is not the one that sealed the identities, or is malformed."""
    return StorageError(
        "lake.wrong-key",
        Text("{path} 中的身份密钥无法使用。", "The identity key in {path} cannot be used.").format(path=path),
        Text(
            "请恢复原来的 secret.key，或设置 CHENGSHU_IDENTITY_KEY（64 位十六进制）。",
            "Bring back the secret.key of this lake, or set CHENGSHU_IDENTITY_KEY (64 hexadecimal digits).",
        ),
    )


def key_collision() -> ChengshuError:
    """Two people share one key: practically impossible, but never silent."""
    return StorageError(
        "lake.key-collision",
        Text("两个身份证号码得到了同一个 person_key。", "Two ID numbers led to one person_key."),
        Text("请换一个身份密钥，在新的数据湖中重新归集。", "Gather into a new lake with another identity key."),
    )


def engine_unreachable(url: str, problem: str) -> EngineError:
    """No Spark Connect server answers."""
    return EngineError(
        "engine.unreachable",
        Text("无法连接查询引擎 {url}：{problem}", "The engine at {url} cannot be reached: {problem}").format(
            url=url, problem=problem
        ),
        Text(
            "请确认该地址有 Spark Connect 服务，或使用 --engine duckdb。",
            "Check that a Spark Connect server listens there, or use --engine duckdb.",
        ),
    )


def engine_failed(url: str, problem: str) -> EngineError:
    """The server could not compute a query."""
    return EngineError(
        "engine.failed",
        Text("查询引擎 {url} 计算失败：{problem}", "The engine at {url} failed: {problem}").format(
            url=url, problem=problem
        ),
        Text(
            "请确认该服务能读取数据湖所在的文件夹，并查看其日志。",
            "Check that the server can read the folder of the lake, and look into its log.",
        ),
    )


def engine_worker_lacks(url: str, module: str) -> EngineError:
    """The Python of the server's workers cannot import what they are asked to run."""
    return EngineError(
        "engine.worker-lacks",
        Text(
            "查询引擎 {url} 的 Python 工作进程缺少模块 {module}。",
            "The Python workers of the engine at {url} lack the module {module}.",
        ).format(url=url, module=module),
        Text(
            "请在其各节点的 Python 环境中安装与本机版本相同的 chengshu，或使用 --engine duckdb。",
            "Install chengshu, of the version that runs here, on each of its nodes, or use --engine duckdb.",
        ),
    )


def engine_unknown(url: str) -> EngineError:
    """Neither duckdb nor sc://."""
    return EngineError(
        "engine.unknown",
        Text("不认识的查询引擎 {url}。", "The engine {url} is not known.").format(url=url),
        Text("请用 duckdb 或 sc://主机:端口。", "Use duckdb or sc://host:port."),
    )


def engine_not_installed() -> EngineError:
    """The Spark side is an extra that is not there."""
    return EngineError(
        "engine.not-installed",
        Text("没有安装 Spark Connect 客户端。", "The Spark Connect client is not installed."),
        Text("请安装 chengshu[spark]。", "Install chengshu[spark]."),
    )
