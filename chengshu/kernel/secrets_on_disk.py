"""Secrets that a fresh installation makes for itself and keeps in a file only its owner can read."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from chengshu.kernel.errors import StorageError
from chengshu.kernel.texts import Text


def read_or_make_secret(path: Path, *, random_bytes: int = 32) -> str:
    """The secret in a file, made at the first call; processes that start at once agree on one.

    Args:
        path: of the file; its folder is made too.
        random_bytes: how much chance goes into a new one.

    Raises:
        StorageError: `storage.secret`, where it can neither be read nor made.
    """
    try:
        if not path.exists():
            _make(path, secrets.token_urlsafe(random_bytes))
        return path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise StorageError(
            "storage.secret",
            Text("无法读写密钥文件 {path}：{problem}", "The secret file {path} cannot be used: {problem}").format(
                path=path, problem=error.strerror
            ),
            Text("请检查该文件夹的权限。", "Check the rights of that folder."),
        ) from error


def _make(path: Path, secret: str) -> None:
    """Written beside and linked into place, so that nobody ever reads half a secret or replaces another's."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    draft.touch(mode=0o600)
    draft.write_text(secret + "\n", encoding="ascii")
    try:
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()
