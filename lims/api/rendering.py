"""JSON out quickly, JSON in strictly: what is not one well-formed object is refused with a sentence."""

import json
from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation
from typing import IO, Any, NoReturn

import orjson
from django.conf import settings
from rest_framework.exceptions import APIException, ParseError, UnsupportedMediaType
from rest_framework.parsers import BaseParser
from rest_framework.renderers import BaseRenderer

UTF8 = {"", "utf-8", "utf8"}
Pairs = list[tuple[str, Any]]
LONGEST_NUMBER = 400


class TooLarge(APIException):
    status_code = 413
    default_code = "too_large"
    default_detail = "The request is too large; send less at a time."


class NotAForm(UnsupportedMediaType):
    default_detail = "Send the file as multipart/form-data, in the field “file”."


class OrjsonRenderer(BaseRenderer):
    media_type = "application/json"
    format = "json"
    charset = None
    render_style = "binary"

    def render(
        self,
        data: Any,
        accepted_media_type: str | None = None,
        renderer_context: Mapping[str, Any] | None = None,
    ) -> bytes:
        return b"" if data is None else orjson.dumps(data, default=plain)


def plain(value: Any) -> Any:
    """What orjson does not know: exact decimals as numbers, the rest as what it is."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, Mapping):
        return dict(value)
    return list(value) if isinstance(value, tuple | set | frozenset) else str(value)


class StrictJSONParser(BaseParser):
    """One object: no duplicate keys, no NaN, no NUL or half characters, UTF-8 only; numbers stay exact."""

    media_type = "application/json"

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        body = read_all(stream, parser_context or {})
        if charset(media_type) not in UTF8:
            raise UnsupportedMediaType(media_type or "", "Send the JSON in UTF-8.")
        try:
            told = json.loads(
                body.decode("utf-8"),
                object_pairs_hook=once,
                parse_constant=no_number,
                parse_float=exact,
                parse_int=whole,
            )
        except UnicodeDecodeError:
            refuse("not_utf8", "The body is not UTF-8 text.")
        except RecursionError:
            refuse("too_deep", "The JSON is nested too deeply.")
        except ValueError as error:
            refuse("malformed", f"The body is not well-formed JSON: {error}."[:300])
        if not isinstance(told, dict):
            refuse("not_an_object", "Send one JSON object: { … }.")
        check_words(told)
        return told


def read_all(stream: IO[Any], context: Mapping[str, Any]) -> bytes:
    """The body, refused as soon as it is known to be too large."""
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    request = context.get("request")
    announced = str(request.META.get("CONTENT_LENGTH") or "0") if request else "0"
    if announced.isdigit() and int(announced) > limit:
        raise TooLarge
    body = stream.read(limit + 1)
    if len(body) > limit:
        raise TooLarge
    return bytes(body)


def charset(media_type: str | None) -> str:
    for part in (media_type or "").split(";")[1:]:
        name, _, value = part.partition("=")
        if name.strip().lower() == "charset":
            return value.strip().strip('"').lower()
    return ""


def once(pairs: Pairs) -> dict[str, Any]:
    told = dict(pairs)
    if len(told) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the name “{twice[:40]}” stands twice in one object")
    return told


def no_number(written: str) -> NoReturn:
    raise ValueError(f"{written} is not a number")


def exact(written: str) -> Decimal:
    """A number as written; its size is limited so that nobody computes with astronomical ones."""
    try:
        value = Decimal(written)
    except InvalidOperation as error:
        raise ValueError(f"{written[:40]} is not a number") from error
    if len(written) > 40 or value.adjusted() > 18 or value.adjusted() < -18:
        raise ValueError(f"the number {written[:40]} has more digits than anything here needs")
    return value


def whole(written: str) -> int:
    """A whole number as written; one of thousands of digits is refused before it is read."""
    if len(written) > LONGEST_NUMBER:
        raise ValueError(f"the number {written[:20]}… has more digits than anything here needs")
    return int(written)


def check_words(told: object) -> None:
    for text in texts(told):
        if "\x00" in text:
            refuse("nul_character", "The JSON holds a NUL character, which no text here may.")
        if any("\ud800" <= character <= "\udfff" for character in text):
            refuse("half_character", "The JSON holds half of a character (a lone surrogate).")


def texts(told: object) -> Iterator[str]:
    """Every text in a parsed body, names included, without recursion."""
    waiting = [told]
    while waiting:
        each = waiting.pop()
        if isinstance(each, str):
            yield each
        elif isinstance(each, dict):
            waiting += [*each.keys(), *each.values()]
        elif isinstance(each, list):
            waiting += each


def refuse(code: str, sentence: str) -> NoReturn:
    raise ParseError(sentence, code)
