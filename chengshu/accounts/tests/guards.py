"""Taking the audit trail's triggers off, as tests need it and nobody else may."""

import importlib
from collections.abc import Callable
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper

# A migration's number is no name to import by.
_guards = importlib.import_module("chengshu.accounts.migrations.0002_audit_guards")


def let_flush_pass(wrapper: BaseDatabaseWrapper) -> None:
    """Tests of whole transactions empty every table behind them, which the audit trail's triggers refuse.

    They are taken off for that moment; outside of tests there is no such way.
    """
    flush: Callable[[Any], None] = wrapper.ops.execute_sql_flush

    def past_the_guards(statements: Any) -> None:
        with wrapper.schema_editor() as editor:
            _guards.unguard(None, editor)
        flush(statements)
        with wrapper.schema_editor() as editor:
            _guards.guard(None, editor)

    wrapper.ops.execute_sql_flush = past_the_guards  # type: ignore[assignment, method-assign]


def take_guards_off(wrapper: BaseDatabaseWrapper) -> None:
    """Drop the audit trail's triggers, as the owner of a database can, within the transaction of a test."""
    for statement in _guards.statements_off(wrapper.vendor):
        with wrapper.cursor() as cursor:
            cursor.execute(statement)
