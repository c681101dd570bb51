"""A page of a list: filters, a table, pages, and the same rows as a file."""

from collections.abc import Callable, Mapping
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.functional import cached_property
from django_filters import FilterSet
from django_tables2 import RequestConfig, Table

from chengshu.ui.exports import FORMATS, export

PER_PAGE = 50
_MOST_COUNTED = 10_000


class BoundedPaginator(Paginator[Any]):
    """Pages whose number is counted up to a bound: counting millions of rows costs more than reading a page."""

    @cached_property
    def count(self) -> int:
        """Rows, or the bound where there are more."""
        rows = self.object_list
        inner = getattr(rows, "data", rows)
        counted = inner[: _MOST_COUNTED + 1] if isinstance(inner, QuerySet) else inner
        return int(counted.count() if isinstance(counted, QuerySet) else len(counted))


def list_page(
    request: HttpRequest,
    *,
    template: str,
    rows: QuerySet[Any],
    table: type[Table],
    filters: type[FilterSet],
    name: str,
    context: Mapping[str, Any] | None = None,
    on_export: Callable[[str], None] | None = None,
) -> HttpResponseBase:
    """Show a list, or hand it out where `?export=` asks for it.

    Args:
        request: with filters, order and page in its query.
        template: extends the base, and shows `filter` and `table`.
        rows: that the viewer may see, and no others.
        table: its columns.
        filters: what narrows it.
        name: of the exported file.
        context: for the template.
        on_export: told the format before rows are handed out: puts it on record.
    """
    narrowed = filters(request.GET or None, queryset=rows, request=request)
    shown = table(narrowed.qs)
    kind = request.GET.get("export")
    if kind in FORMATS:
        if on_export is not None:
            on_export(kind)
        RequestConfig(request, paginate=False).configure(shown)
        values = shown.as_values()
        heads = [str(head) for head in next(values)]
        return export(name, kind, heads, values)
    RequestConfig(request, paginate={"per_page": PER_PAGE, "paginator_class": BoundedPaginator}).configure(shown)
    return render(request, template, {**(context or {}), "filter": narrowed, "table": shown})
