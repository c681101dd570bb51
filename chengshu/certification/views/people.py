"""People of the run in force: lists, and one person."""

from dataclasses import fields

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from chengshu.accounts.audit import audit
from chengshu.accounts.permissions import may
from chengshu.accounts.views import actor
from chengshu.certification import dossier_figures, permissions, queries
from chengshu.certification.forms import PeopleForm, PurposeForm
from chengshu.certification.roster import Question
from chengshu.certification.states import DECISION_NAMES, LINK_KIND_NAMES, OUTCOME_NAMES
from chengshu.kernel.texts import Text
from chengshu.ui.exports import FORMATS, export
from chengshu.ui.language import say
from chengshu.ui.pages import OpenPage

PER_PAGE = 50
HEADS = {
    "name": Text("姓名", "Name"),
    "id_masked": Text("身份证号", "ID number"),
    "region_code": Text("区划代码", "Region"),
    "sex": Text("性别", "Sex"),
    "age": Text("年龄", "Age"),
    "decision": Text("决定", "Decision"),
    "p_alive": Text("在世可能", "Chance alive"),
    "monthly_yuan": Text("月金额（元）", "Yuan a month"),
    "ask_value": Text("询问价值", "Value of asking"),
    "last_event_on": Text("最近记录", "Last record"),
    "benefits": Text("待遇数", "Benefits"),
}


@login_required
@never_cache
@require_safe
def listed(request: HttpRequest) -> HttpResponseBase:
    """People within one's scope, masked; each page that is shown is on record."""
    by = actor(request)
    run, roster = queries.roster_in_force(by)
    form = PeopleForm(request.GET or None, run=run)
    question = _question(form)
    kind = request.GET.get("export")
    if kind in FORMATS:
        audit(by, "certification.export_people", run, kind=kind, query=request.GET.urlencode()[:2000])
        rows = ([_cell(row, name) for name in HEADS] for row in roster.rows(question))
        return export("people", kind, [say(head) for head in HEADS.values()], rows)
    page = OpenPage.asked(request.GET.get("page"), PER_PAGE)
    shown = page.filled(roster.page(question, start=page.start, length=PER_PAGE))
    audit(by, "certification.list_people", run, query=request.GET.urlencode()[:2000], rows=len(shown.rows))
    context = {"form": form, "page": shown, "run": run, "names": DECISION_NAMES}
    return render(request, "certification/people.html", context)


def _question(form: PeopleForm) -> Question:
    if not form.is_valid():
        return Question()
    known = {field.name for field in fields(Question)}
    return Question(
        **{name: value for name, value in form.cleaned_data.items() if name in known and value not in ("", None)}
    )


def _cell(row: dict[str, object], name: str) -> object:
    value = row[name]
    return say(DECISION_NAMES[str(value)]) if name == "decision" else value


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def one(request: HttpRequest, person_key: int) -> HttpResponse:
    """One person: masked, and by name once a purpose is given. Each look is on record."""
    by = actor(request)
    found = queries.person(by, person_key)
    form, identity = PurposeForm(request.POST or None), None
    if request.method == "POST" and form.is_valid():
        identity = queries.identity(by.for_purpose(form.cleaned_data["purpose"]), found)
    else:
        audit(by, "certification.look_at_person", found.run, person=person_key)
    dossier = found.dossier()
    context = {
        "found": found,
        "row": found.row,
        "decision": DECISION_NAMES[found.row["decision"]],
        "dossier": dossier,
        "timeline": dossier_figures.timeline(dossier),
        "contributions": dossier_figures.contributions(dossier),
        "form": form,
        "identity": identity,
        "outcomes": OUTCOME_NAMES,
        "link_kinds": LINK_KIND_NAMES,
        "may_disprove": may(by, permissions.CONFIRM),
    }
    return render(request, "certification/person.html", context, status=422 if form.errors else 200)
