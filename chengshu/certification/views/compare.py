"""Two runs compared: who is decided on otherwise, and why."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from chengshu.accounts.audit import audit
from chengshu.accounts.views import actor
from chengshu.certification import queries
from chengshu.certification.comparison import NOT_LISTED, Comparison, Move
from chengshu.certification.items import roster_of
from chengshu.certification.permissions import scope_of
from chengshu.certification.states import DECIDED, DECISION_NAMES
from chengshu.kernel.texts import Text
from chengshu.ui.exports import FORMATS, export
from chengshu.ui.language import active_language, say
from chengshu.ui.pages import OpenPage

_PER_PAGE = 50
_NAMES = {**DECISION_NAMES, NOT_LISTED: Text("不在名单", "not listed")}
_HEADS = (
    Text("姓名", "Name"),
    Text("身份证号", "ID number"),
    Text("区划代码", "Region"),
    Text("之前", "Before"),
    Text("之后", "After"),
    Text("之前的在世可能", "Chance alive before"),
    Text("之后的在世可能", "Chance alive after"),
    Text("之前的理由", "Why then"),
    Text("现在的理由", "Why now"),
)


@login_required
@never_cache
@require_safe
def compared(request: HttpRequest, pk: int, other: int) -> HttpResponseBase:
    """Who is decided on otherwise than in another run; each page that is shown is on record."""
    by = actor(request)
    later, earlier = (get_object_or_404(queries.runs(by), pk=number, status__in=DECIDED) for number in (pk, other))
    found = Comparison(*(roster_of(run, scope_of(by.user)) for run in (earlier, later)))
    move, kind = _asked(request), request.GET.get("export")
    facts = {"other": other, "query": request.GET.urlencode()[:2000]}
    if kind in FORMATS:
        audit(by, "certification.export_comparison", later, kind=kind, **facts)
        rows = (_cells(row) for row in found.rows(move))
        return export(f"runs-{other}-{pk}", kind, [say(head) for head in _HEADS], rows)
    page = OpenPage.asked(request.GET.get("page"), _PER_PAGE)
    shown = page.filled(found.page(move, start=page.start, length=_PER_PAGE))
    audit(by, "certification.compare_runs", later, rows=len(shown.rows), **facts)
    context = {
        "later": later,
        "earlier": earlier,
        "moves": [(way, _NAMES[way.before], _NAMES[way.after], way.people) for way in found.moves()],
        "chosen": move and (_NAMES[move.before], _NAMES[move.after]),
        "page": shown,
        "people": [(row, row["now"] or row["was"], _NAMES[row["before"]], _NAMES[row["after"]]) for row in shown.rows],
    }
    return render(request, "certification/compare.html", context)


def _asked(request: HttpRequest) -> Move | None:
    """The way that a query asks for; all ways for anything else."""
    before, after = request.GET.get("before"), request.GET.get("after")
    return Move(before, after) if before in _NAMES and after in _NAMES else None


def _cells(row: dict[str, Any]) -> list[object]:
    was, now = row["was"] or {}, row["now"] or {}
    reason = "reason_en" if active_language() == "en" else "reason"
    return [
        *((now or was).get(name) for name in ("name", "id_masked", "region_code")),
        *(say(_NAMES[row[name]]) for name in ("before", "after")),
        *(one.get(name) for name in ("p_alive", reason) for one in (was, now)),
    ]
