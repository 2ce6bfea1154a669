"""The header `Idempotency-Key`: a write that may be sent again until its answer has come."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter
from rest_framework.request import Request
from rest_framework.response import Response

from lims import answers
from lims.api.rendering import OrjsonRenderer
from specimens.errors import Invalid

if TYPE_CHECKING:
    from lims.api.door import Door

WRITES = ("POST", "PUT", "PATCH", "DELETE")
HEADER, REPLAYED = "Idempotency-Key", "Idempotency-Replayed"
Method = Callable[..., HttpResponseBase]


def key_of(request: Request, *, remembers: bool) -> str | None:
    """The request's key, or None for a read or a write without one; Invalid for one that cannot be kept."""
    written = request.headers.get(HEADER)
    if written is None or request.method not in WRITES:
        return None
    key = written.strip()
    if not remembers:
        raise Invalid("no_key_here", f"The answers of this address are not kept: send it without {HEADER}.")
    if not (0 < len(key) <= answers.LONGEST_KEY and key.isascii() and key.isprintable()):
        said = f"An {HEADER} has 1 to {answers.LONGEST_KEY} printable ASCII characters, such as a UUID."
        raise Invalid("bad_key", said)
    return key


def keyed(view: "Door", request: Request, key: str, method: Method) -> Method:
    """`method`, done once for this key; afterwards its first answer again, marked as such."""

    def answered(*args: Any, **kwargs: Any) -> HttpResponse:
        told = (str(request.method), request.get_full_path(), request._request.body)
        status, body, again = answers.once(
            view.person, key, answers.fingerprint(*told), lambda: kept(method(*args, **kwargs))
        )
        answer = HttpResponse(body, status=status, content_type=OrjsonRenderer.media_type)
        if not body:
            del answer["Content-Type"]
        if again:
            answer[REPLAYED] = "true"
        return answer

    return answered


def kept(answer: HttpResponseBase) -> tuple[int, bytes]:
    """What is remembered of an answer: its status and its JSON."""
    if not isinstance(answer, Response) or not 200 <= answer.status_code < 300:
        raise Invalid("no_key_here", f"The answers of this address are not kept: send it without {HEADER}.")
    return answer.status_code, OrjsonRenderer().render(answer.data)


class KeyedSchema(AutoSchema):
    """Tells in the schema which writes take the header."""

    def get_override_parameters(self) -> list[Any]:
        others = super().get_override_parameters()
        if self.method not in WRITES or not getattr(self.view, "remembers", False):
            return others
        return [
            *others,
            OpenApiParameter(
                HEADER,
                OpenApiTypes.STR,
                OpenApiParameter.HEADER,
                description="A name of your own for this request, such as a UUID. Sent again within seven days, it "
                f"gives the first answer again, marked `{REPLAYED}: true`, and does nothing twice.",
            ),
        ]
