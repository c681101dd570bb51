"""Starting Django for commands that need the database, and saying so where it cannot be used."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

import django
from django.core.exceptions import ImproperlyConfigured

from chengshu.kernel.errors import StorageError, UsageError
from chengshu.kernel.texts import Text


def start_django() -> None:
    """Load the settings and the models; the database is not touched.

    Raises:
        UsageError: `usage.database-url`.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chengshu.web.settings")
    try:
        django.setup()
    except (ValueError, ImproperlyConfigured) as error:  # a malformed DATABASE_URL, or a driver that is not installed
        raise UsageError(
            "usage.database-url",
            Text(f"数据库配置无法使用：{error}", f"The database's settings cannot be used: {error}"),
            Text(
                "请检查 DATABASE_URL；PostgreSQL 需安装 chengshu[postgres]。",
                "Check DATABASE_URL; PostgreSQL needs chengshu[postgres].",
            ),
        ) from error


@contextmanager
def usable_database(*, is_prepared: bool = True) -> Iterator[None]:
    """Work with the database within the block, with words where it fails.

    Args:
        is_prepared: its tables must be there and up to date.

    Raises:
        StorageError: `database.unreachable` or `database.not-prepared`.
    """
    start_django()
    from django.db import DatabaseError, InterfaceError, OperationalError  # noqa: PLC0415 - only after the start

    try:
        if is_prepared and _steps_left():
            raise _not_prepared()
        yield
    except (OperationalError, InterfaceError) as error:
        raise StorageError(
            "database.unreachable",
            Text(f"数据库无法使用：{error}", f"The database cannot be used: {str(error).strip()}"),
            Text("请检查 DATABASE_URL、磁盘空间与权限。", "Check DATABASE_URL, room on the disk, and rights."),
        ) from error
    except DatabaseError as error:
        raise StorageError(
            "database.refused",
            Text(f"数据库拒绝：{error}", f"The database refused: {str(error).strip()}"),
            Text("请保留此消息并联系系统管理员。", "Keep this message for the system administrator."),
        ) from error


def prepare_database() -> int:
    """Make the tables, or bring them up to date.

    Returns:
        How many steps were taken; 0 where everything was there.
    """
    from django.conf import settings  # noqa: PLC0415 - only after the start
    from django.core.management import call_command  # noqa: PLC0415

    settings.VAR.mkdir(parents=True, exist_ok=True)
    steps = _steps_left()
    call_command("migrate", verbosity=0, interactive=False)
    call_command("createcachetable", verbosity=0)
    return steps


def _steps_left() -> int:
    """How many migrations the database has yet to take."""
    from django.db import connection  # noqa: PLC0415 - only after the start
    from django.db.migrations.executor import MigrationExecutor  # noqa: PLC0415

    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _not_prepared() -> StorageError:
    return StorageError(
        "database.not-prepared",
        Text("数据库的表不存在或不是最新。", "The database's tables are not there, or not up to date."),
        Text("请运行 chengshu database prepare。", "Run chengshu database prepare."),
    )
