"""What the lake says of its own folder, disk and key; the codes are stable."""

from chengshu.kernel.errors import ChengshuError, StorageError
from chengshu.kernel.texts import Text


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


def bad_folder_name(path: object) -> StorageError:
    """The library that keeps the tables cannot find its way to such a folder."""
    return StorageError(
        "lake.folder-name",
        Text(
            "数据湖文件夹 {path} 的路径中含有 [、]、\\ 或“%20”一类的字符，表格无法存放在那里。",
            "The path of the lake's folder {path} holds [, ], \\ or an escape like %20: tables cannot be kept there.",
        ).format(path=path),
        Text("请换一个文件夹名；汉字和空格没有问题。", "Choose another name; Chinese and spaces are fine."),
    )
