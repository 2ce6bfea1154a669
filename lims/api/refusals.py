"""Every refusal of the API as one shape: {code, sentence, field, problems: [{row, field, value, sentence}]}.

400 malformed or invalid, 401 unauthenticated, 403 wrong role, 404 out of reach, 405, 409 wrong state, 413 and
415 uploads, 429 limits, 503 a dependency is down. Never 422.
"""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import DataError, InterfaceError, OperationalError
from django.http import Http404
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.serializers import as_serializer_error

from lims.answers import UnderWay
from lims.api.rendering import NotAForm, TooLarge
from specimens.errors import Refused, Rejected, RowProblem

NOT_FOUND = "There is nothing at this address within your reach."
SENTENCES: dict[type[exceptions.APIException], str] = {
    exceptions.NotAuthenticated: "Sign in, or send your token as “Authorization: Token …”.",
    exceptions.NotAcceptable: "This address answers in JSON only; ask for application/json.",
    exceptions.NotFound: NOT_FOUND,
    NotAForm: NotAForm.default_detail,
    exceptions.UnsupportedMediaType: "Send the body as JSON in UTF-8, with Content-Type: application/json.",
}
FIELDLESS = {"non_field_errors", "detail"}


def answer(error: Exception, context: dict[str, Any]) -> Response | None:
    """The response that says what is wrong; None for what nobody expected."""
    if isinstance(error, Refused):
        return refusal(error)
    if isinstance(error, OperationalError | InterfaceError):
        said = body("unavailable", "The database does not answer just now; try again in a moment.")
        return Response(said, status=503, headers={"Retry-After": "5"})
    if isinstance(error, DataError):
        return Response(body("invalid", "A value cannot be stored as it was sent."), status=400)
    known = known_error(error)
    return of_rest_framework(known, context) if known else None


def refusal(error: Refused) -> Response:
    problems = error.problems if isinstance(error, Rejected) else []
    headers = {"Retry-After": "2"} if isinstance(error, UnderWay) else None
    return Response(body(error.code, error.sentence, error.field, problems), status=error.status, headers=headers)


def body(code: str, sentence: str, field: str = "", problems: list[RowProblem] | None = None) -> dict[str, Any]:
    shown = [{k: v for k, v in asdict(each).items() if k != "code"} for each in problems or []]
    return {"code": code, "sentence": sentence, "field": field, "problems": shown}


def known_error(error: Exception) -> exceptions.APIException | None:
    if isinstance(error, Http404):
        return exceptions.NotFound()
    if isinstance(error, PermissionDenied):
        return exceptions.PermissionDenied()
    if isinstance(error, RequestDataTooBig):
        return TooLarge()
    if isinstance(error, SuspiciousOperation):
        return exceptions.ParseError("The request is malformed.")
    return error if isinstance(error, exceptions.APIException) else None


def of_rest_framework(error: exceptions.APIException, context: dict[str, Any]) -> Response:
    headers: dict[str, str] = {}
    if scheme := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = scheme
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait))
    if isinstance(error, exceptions.ValidationError):
        said = invalid(error)
    else:
        sentence = SENTENCES.get(type(error)) or str(error.detail)
        if isinstance(error, exceptions.MethodNotAllowed):
            sentence = f"This address does not take {asked_by(context)}; it takes {allowed(context)}."
        said = body(str(error.get_codes()), sentence)
    return Response(said, status=error.status_code, headers=headers)


def asked_by(context: dict[str, Any]) -> str:
    return str(context["request"].method)


def allowed(context: dict[str, Any]) -> str:
    """The methods that the address does take, in words."""
    return " and ".join(name for name in context["view"].allowed_methods if name not in ("HEAD", "OPTIONS"))


def invalid(error: exceptions.ValidationError) -> dict[str, Any]:
    """A faulty body or query, every fault named."""
    problems = list(faults(as_serializer_error(error)))
    whole = Rejected(problems or [RowProblem(0, "", "The request is invalid.")])
    return body("invalid", whole.sentence, whole.field, problems)


def faults(detail: Any, field: str = "", row: int = 0) -> Iterator[RowProblem]:
    """Walk rest_framework's nest of lists and mappings; an index into a list is the row, from 1."""
    if isinstance(detail, dict):
        for name, below in detail.items():
            if str(name).isdigit():
                yield from faults(below, field, row or int(name) + 1)
            else:
                yield from faults(below, place_of(str(name), field, row), row)
    elif isinstance(detail, list):
        for number, below in enumerate(detail, start=1):
            yield from faults(below, field, number if isinstance(below, dict) else row)
    else:
        yield RowProblem(row, field, str(detail))


def place_of(name: str, field: str, row: int) -> str:
    """A field of a row is called by its own name, one of a nested object by its path."""
    if name in FIELDLESS:
        return field
    return f"{field}.{name}" if field and not row else name
