"""Self-checks as browsers ask for them: staff within their scope, residents without an account."""

import pytest
from django.core.cache import cache
from django.urls import reverse

from chengshu.accounts.actor import person as acting
from chengshu.accounts.domain import Role
from chengshu.accounts.models import AuditEvent
from chengshu.accounts.tests.factories import make_post, make_tree, make_user
from chengshu.certification import self_check_delivery
from chengshu.certification import self_check_send_actions as senders
from chengshu.certification.models import SelfCheckLink, Visit
from chengshu.certification.tests.self_check_factories import SITE, code_in, inbox, make_questions, secret_in
from chengshu.kernel import clock

pytestmark = pytest.mark.django_db
OFFICE = "长河市大数据局"


@pytest.fixture(autouse=True)
def _own(settings, tmp_path):
    cache.clear()
    settings.VAR, settings.CHENGSHU_SMS, settings.CHENGSHU_FACES = tmp_path, "file", "sandbox"


@pytest.fixture
def tree():
    return make_tree()


@pytest.fixture
def handler(tree):
    return acting(make_post(tree["city"], Role.HANDLER).person)


@pytest.fixture
def asked(monkeypatch):
    return make_questions(monkeypatch)


@pytest.fixture
def token(handler, asked):
    senders.send_link(by=handler, pk=asked[13].pk, site=SITE)
    return secret_in(inbox()[-1])


def text(answer):
    return answer.content.decode()


def listed(client, user, **query):
    client.force_login(user)
    return client.get(reverse("self_checks"), query)


def pressed(page, name):
    """The value of a button of a page."""
    return text(page).partition(f'name="{name}" value="')[2].partition('"')[0]


def test_the_list_is_of_those_who_are_asked_masked_and_on_record(client, handler, asked):
    page = text(listed(client, handler.user))
    assert page.count("未发送") == 3 + 1  # and the filter's own
    assert "张**" in page
    assert "张华伟" not in page
    assert "董*" not in page
    assert AuditEvent.objects.filter(verb="certification.list_self_checks").count() == 1


@pytest.mark.parametrize(("code", "role", "seen"), [
    ("east", Role.DEPARTMENT_OFFICER, {"张**", "李**"}),
    ("west.town", Role.GRASSROOTS_WORKER, {"钱**"}),
    ("civil", Role.DEPARTMENT_OFFICER, {"钱**"}),
])  # fmt: skip
def test_each_sees_those_within_their_scope(client, tree, asked, code, role, seen):
    page = text(listed(client, make_post(tree[code], role).person))
    assert {name for name in ("张**", "李**", "钱**") if name in page} == seen


@pytest.mark.parametrize("name", ["self_checks", "self_checks.send"])
def test_strangers_are_shown_nothing(client, tree, asked, name):
    ask = client.get if name == "self_checks" else client.post
    assert ask(reverse(name)).status_code == 302
    for user in (
        make_user(),
        make_post(tree["city"], Role.AUDITOR).person,
        make_post(tree["east"], Role.RESIDENT).person,
    ):
        client.force_login(user)
        answer = ask(reverse(name))
        assert answer.status_code in (302, 403)
        assert "张" not in text(answer)


def test_lookers_who_may_not_send_see_no_button(client, tree, asked):
    user = make_post(tree["city"], Role.DISPATCHER).person
    page = text(listed(client, user))
    assert "张**" in page
    assert reverse("self_checks.send") not in page
    assert client.post(reverse("self_checks.send"), {"item": asked[13].pk}).status_code == 403
    assert client.post(reverse("self_checks.send"), {"all": 1}).status_code == 403
    assert inbox() == []


def test_the_list_is_narrowed_by_region_and_progress(client, handler, asked, token):
    page = text(listed(client, handler.user, region="379001", asked="unsent"))
    assert "李**" in page
    assert "张**" not in page
    assert "钱**" not in page
    assert "张**" in text(listed(client, handler.user, asked="sent"))
    assert "没有符合条件的人" in text(listed(client, handler.user, asked="done"))


@pytest.mark.parametrize("query", [{"region": "x"}, {"asked": "nonsense"}, {"region": "3790010010010"}])
def test_a_list_that_was_not_understood_is_empty_and_sends_to_nobody(client, handler, asked, query):
    assert "没有符合条件的人" in text(listed(client, handler.user, **query))
    answer = client.post(f"{reverse('self_checks.send')}?{'&'.join(f'{k}={v}' for k, v in query.items())}", {"all": 1})
    assert answer.status_code == 409


def test_the_list_opens_with_a_few_queries(client, handler, asked, token, django_assert_max_num_queries):
    listed(client, handler.user)
    with django_assert_max_num_queries(19):
        client.get(reverse("self_checks"))


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_taking_the_list_along_is_on_record(client, handler, asked, token, kind):
    answer = listed(client, handler.user, export=kind)
    content = b"".join(answer.streaming_content)
    assert content.startswith(b"\xef\xbb\xbf" if kind == "csv" else b"PK")
    if kind == "csv":
        assert "张**" in content.decode()
        assert "12600000013" not in content.decode()
    assert AuditEvent.objects.order_by("-number")[0].verb == "certification.export_self_checks"


def test_one_message_is_sent_by_one_button(client, handler, asked):
    client.force_login(handler.user)
    page = client.post(f"{reverse('self_checks.send')}?region=379001", {"item": asked[13].pk}, follow=True)
    assert page.redirect_chain[-1][0] == f"{reverse('self_checks')}?region=379001"
    assert "*********13" in text(page)
    assert f"http://testserver{reverse('check')}/" in inbox()[0]["text"]
    assert client.post(reverse("self_checks.send"), {"item": asked[13].pk}).status_code == 409
    page = client.post(reverse("self_checks.send"), {"item": asked[15].pk}, follow=True)
    assert "没有手机号，请上门走访" in text(page).replace("此人", "")


def test_a_list_is_sent_to_by_a_job_of_one_s_own(client, handler, asked, tree):
    client.force_login(handler.user)
    answer = client.post(f"{reverse('self_checks.send')}?region=379001", {"all": 1})
    assert answer.status_code == 302
    assert "正在发送" in text(client.get(answer["Location"]))
    items = [asked[13].pk, asked[15].pk]
    self_check_delivery.send_links(by=handler, items=items, site=SITE)
    page = text(client.get(answer["Location"]))
    assert "李**" in page
    assert "没有手机号，须上门走访" in page
    assert "张**" not in page
    client.force_login(make_post(tree["city"], Role.HANDLER).person)
    assert client.get(answer["Location"]).status_code == 404


def test_those_who_hold_a_message_are_not_sent_another(client, handler, asked, token):
    client.force_login(handler.user)
    answer = client.post(f"{reverse('self_checks.send')}?asked=sent", {"all": 1})
    assert answer.status_code == 409
    assert "nobody-to-send-to" in text(answer)


def test_a_resident_confirms_without_an_account(client, token):
    page = client.get(reverse("check.one", args=[token]))
    assert OFFICE in text(page)
    assert "张**" in text(page)
    assert "张华伟" not in text(page)
    step = client.post(reverse("check.one", args=[token]))
    sandbox = client.get(step["Location"])
    assert "这是沙箱，不是真的刷脸" in text(sandbox)
    answer = client.post(reverse("check.face", args=[token]), {"answer": pressed(sandbox, "answer")}, follow=True)
    assert "确认好了" in text(answer)
    visit = Visit.objects.get()
    assert (visit.person_key, visit.is_self_check, visit.recorded_by) == (13, True, None)
    again = client.get(reverse("check.one", args=[token]))
    assert (again.status_code, "已经在" in text(again)) == (410, True)


def test_the_face_service_posts_from_elsewhere_and_needs_no_cookie(token):
    from django.test import Client  # noqa: PLC0415 - one that checks forms, as browsers meet it

    strict = Client(enforce_csrf_checks=True)
    assert strict.post(reverse("check.one", args=[token])).status_code == 403
    answer = strict.post(reverse("check.face", args=[token]), {"answer": "forged"})
    assert "没有收到有效的刷脸结果" in text(answer)


def test_a_code_leads_to_the_same_page(client, token):
    form = {"code": code_in(inbox()[-1]), "digits": "０１３x"}
    answer = client.post(reverse("check"), form, follow=True)
    assert "张**" in text(answer)
    assert token not in answer.redirect_chain[-1][0]


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({"code": "12345", "digits": "1234"}, "验证码是六位数字"),
        ({"code": "abcdef", "digits": "1234"}, "验证码是六位数字"),
        ({"code": "123456", "digits": "X234"}, "请输入最后四位"),
        ({"code": "", "digits": ""}, "必填"),
    ],
)
def test_a_code_that_cannot_be_is_no_guess(client, tree, form, said):
    for _ in range(12):
        answer = client.post(reverse("check"), form)
    assert answer.status_code == 422
    assert said in text(answer) or "这个字段" in text(answer)


def test_wrong_codes_say_the_same_whether_or_not_somebody_is_there(client, token):
    code = code_in(inbox()[-1])
    other = f"{(int(code) + 1) % 10**6:06d}"
    said = [client.post(reverse("check"), {"code": one, "digits": "9999"}) for one in (code, other)]
    assert [answer.status_code for answer in said] == [422, 422]
    alert = [text(answer).partition('role="alert"')[2].partition("</div>")[0] for answer in said]
    assert alert[0] == alert[1]
    assert "对不上" in alert[0]


def test_too_many_guesses_are_told_when_to_come_back(client, token):
    for number in range(10):
        client.post(reverse("check"), {"code": f"{number:06d}", "digits": "9999"})
    answer = client.post(reverse("check"), {"code": code_in(inbox()[-1]), "digits": "013X"})
    assert answer.status_code == 429
    assert "十五分钟" in text(answer)


@pytest.mark.parametrize(("path", "status"), [("x" * 43, 404), ("1:2:3", 410)])
def test_links_of_nobody_s_say_what_to_do(client, tree, path, status):
    answer = client.get(reverse("check.one", args=[path]))
    assert answer.status_code == status
    assert "验证码" in text(answer)


def test_an_expired_link_says_what_to_do(client, token):
    link = SelfCheckLink.objects.get()
    with clock.fixed(link.expires_at):
        answer = client.get(reverse("check.one", args=[token]))
    assert answer.status_code == 410
    assert "12345" in text(answer)


def test_nothing_of_it_is_kept_found_or_told_elsewhere(client, token):
    paths = [reverse("check"), reverse("check.one", args=[token]), reverse("check.one", args=["x" * 43])]
    for path in paths:
        answer = client.get(path)
        assert "no-store" in answer["Cache-Control"]
        assert "noindex" in answer["X-Robots-Tag"]
        assert answer["Referrer-Policy"] == "same-origin"
        assert 'content="noindex' in text(answer)
        assert "http" not in answer["Content-Security-Policy"]


def test_the_sandbox_opens_for_nothing_but_a_step_that_was_begun(client, token, settings):
    assert client.get(reverse("check.sandbox")).status_code == 400
    step = client.post(reverse("check.one", args=[token]))["Location"]
    settings.CHENGSHU_FACES = ""
    assert client.get(step).status_code == 409
    assert "刷脸服务现在不能用" in text(client.post(reverse("check.one", args=[token])))


def test_pages_for_residents_are_in_english_too(client, token):
    client.cookies["django_language"] = "en"
    assert "please confirm yourself" in text(client.get(reverse("check.one", args=[token])))
    assert "Type the code" in text(client.get(reverse("check")))
