import stat
from concurrent.futures import ThreadPoolExecutor

import pytest

from chengshu.kernel.errors import StorageError
from chengshu.kernel.secrets_on_disk import read_or_make_secret


def test_a_secret_is_made_once_and_only_its_owner_reads_it(tmp_path):
    path = tmp_path / "new" / "secret"
    secret = read_or_make_secret(path)
    assert len(secret) >= 40
    assert read_or_make_secret(path) == secret
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["secret"]


def test_those_who_start_at_once_agree_on_one(tmp_path):
    with ThreadPoolExecutor(8) as pool:
        made = set(pool.map(lambda _: read_or_make_secret(tmp_path / "secret"), range(64)))
    assert len(made) == 1


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match=r"storage\.secret.*file/secret"):
        read_or_make_secret(tmp_path / "file" / "secret")
