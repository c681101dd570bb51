"""The face step: what the province's app has to do, and a sandbox that stands in for it and says so.

The app takes the person over by a link and gives them back by a form that posts its signed answer to us, as OpenID
Connect does with `response_mode=form_post`: what changes something is never fetched by GET.
"""

from typing import NamedTuple, Protocol
from urllib.parse import urlencode

from django.conf import settings
from django.core import signing
from django.urls import reverse

from chengshu.certification import self_check_messages

_REQUEST, _ANSWER = "chengshu.certification.faces.request", "chengshu.certification.faces.answer"
REQUEST_SECONDS = 15 * 60
ANSWER_SECONDS = 10 * 60


class FaceRequest(NamedTuple):
    """What the face service is asked.

    Attributes:
        reference: by which its answer is known again; says nothing of the person.
        person_key: whose face it should be; a service that needs the ID number asks the lake for it.
        return_to: path of ours to which the answer is posted.
    """

    reference: str
    person_key: int
    return_to: str


class FaceService(Protocol):
    """Tells whether somebody in front of a phone is who they should be."""

    @property
    def origins(self) -> tuple[str, ...]:
        """Where browsers are sent, such as `https://app.example.cn`, for our pages' policy; none for pages of ours."""

    def start(self, asked: FaceRequest) -> str:
        """Where to send the person's browser.

        Raises:
            Conflict: the service cannot be reached, or none is set up.
        """

    def is_match(self, answer: str, reference: str) -> bool:
        """Read a signed answer.

        Raises:
            UsageError: it is not the service's, too old, or an answer to something else.
        """


class SandboxRequest(NamedTuple):
    """What the sandbox's page shows."""

    return_to: str
    match: str
    no_match: str


class Sandbox:
    """Looks at no face: a page of our own, which says so, on which one chooses what the answer is to be."""

    origins: tuple[str, ...] = ()

    def start(self, asked: FaceRequest) -> str:
        """The sandbox's page."""
        sealed = signing.dumps([asked.reference, asked.return_to], salt=_REQUEST)
        return f"{reverse('check.sandbox')}?{urlencode({'request': sealed})}"

    def is_match(self, answer: str, reference: str) -> bool:
        """Read an answer that the sandbox's page has posted."""
        try:
            about, is_match = signing.loads(answer, salt=_ANSWER, max_age=ANSWER_SECONDS)
        except (signing.BadSignature, ValueError, TypeError) as error:
            raise self_check_messages.face_answer_refused() from error
        if about != reference:
            raise self_check_messages.face_answer_refused()
        return bool(is_match)

    def opened(self, sealed: str) -> SandboxRequest:
        """What a page of the sandbox is to show.

        Raises:
            UsageError: we have not asked for this, or long ago.
        """
        try:
            reference, return_to = signing.loads(sealed, salt=_REQUEST, max_age=REQUEST_SECONDS)
        except (signing.BadSignature, ValueError, TypeError) as error:
            raise self_check_messages.face_answer_refused() from error
        answers = (signing.dumps([reference, is_match], salt=_ANSWER) for is_match in (True, False))
        return SandboxRequest(return_to, *answers)


class NoService:
    """None is set up: nobody confirms anything, and everybody is told where to go instead."""

    origins: tuple[str, ...] = ()

    def start(self, asked: FaceRequest) -> str:
        """Refuses."""
        del asked
        raise self_check_messages.no_face_service()

    def is_match(self, answer: str, reference: str) -> bool:
        """Refuses."""
        del answer, reference
        raise self_check_messages.no_face_service()


def service() -> FaceService:
    """The one that `CHENGSHU_FACES` names; the province's app gets its line here."""
    return Sandbox() if settings.CHENGSHU_FACES == "sandbox" else NoService()
