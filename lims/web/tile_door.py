"""A tile in about the time of a static file: whoever was let see a picture is not asked again for a minute.

A viewer asks for a hundred tiles in a few seconds. The first is answered by the page, which asks the database who
this is and whether they may see the case; what it finds is kept for this session and this picture alone, in this
process's own memory.
"""

import re
from collections.abc import Callable

from django.conf import settings
from django.core.cache import caches
from django.core.files.storage import default_storage
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import salted_hmac

HERE = "here"
LET_IN_SECONDS = 60
KEPT_BY_BROWSER = 24 * 3600
TILE = re.compile(r"/cases/([0-9A-Za-z]{1,8})/pictures/(\d{1,3})/tiles/(\d{1,2})/(\d{1,5})/(\d{1,5})/", re.ASCII)
Place = tuple[int, int, int, int]


class TilesAtHand:
    """Answers for tiles that this session was let see within the last minute; everything else goes on inwards."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        found = TILE.fullmatch(request.path_info) if request.method in ("GET", "HEAD") else None
        if found is not None and (session := session_of(request)):
            code, place = found[1], (int(found[2]), int(found[3]), int(found[4]), int(found[5]))
            folder = caches[HERE].get(key_of(session, code, place[0]))
            answer = tile(request, folder, code, place) if folder else None
            if answer is not None:
                return answer
        return self.get_response(request)


def session_of(request: HttpRequest) -> str:
    return request.COOKIES.get(settings.SESSION_COOKIE_NAME, "")


def key_of(session: str, code: str, number: int) -> str:
    """Where it is kept that a session may see a picture; the session's own name stands nowhere."""
    return "tiles-" + salted_hmac("lims.tiles", f"{session} {code.upper()} {number}", algorithm="sha256").hexdigest()


def let_in(request: HttpRequest, code: str, number: int, folder: str) -> None:
    """Remember for a minute that this session may see the tiles in `folder` as that picture of the case."""
    if session := session_of(request):
        caches[HERE].set(key_of(session, code, number), folder, LET_IN_SECONDS)


def tile(request: HttpRequest, folder: str, code: str, place: Place) -> HttpResponse | None:
    """The tile at (picture, level, column, row); None when there is none. A tile never changes."""
    etag = f'"{salted_hmac("lims.tile", f"{folder} {code.upper()} {place}").hexdigest()[:24]}"'
    if request.headers.get("If-None-Match") == etag:
        answer = HttpResponse(status=304)
    else:
        _, level, column, row = place
        try:
            with default_storage.open(f"{folder}/{level}/{column}_{row}.jpeg") as file:
                answer = HttpResponse(file.read(), content_type="image/jpeg")
        except FileNotFoundError:
            return None
    answer["ETag"] = etag
    answer["Cache-Control"] = f"private, max-age={KEPT_BY_BROWSER}, immutable"
    answer["Vary"] = "Cookie"
    answer["X-Content-Type-Options"] = "nosniff"
    return answer
