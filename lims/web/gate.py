"""Who may open a page. The deed checks again: this only answers sooner, with the same kind of sentence."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from lims.models import User
from specimens.errors import Forbidden

View = Callable[..., HttpResponseBase]


def needs(*permissions: str) -> Callable[[View], View]:
    """Refuse the page (403) to a person who holds none of `permissions`."""

    def gated(view: View) -> View:
        @wraps(view)
        def opened(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not may(request.user, *permissions):
                raise Forbidden(
                    "not_your_role", "This page belongs to another role; ask an administrator if you need it."
                )
            return view(request, *args, **kwargs)

        return opened

    return gated


def may(user: Any, *permissions: str) -> bool:
    return isinstance(user, User) and any(user.has_perm(permission) for permission in permissions)


def person(request: HttpRequest) -> User:
    """The signed-in person; every page but sign-in and health has one."""
    assert isinstance(request.user, User), "the doors are closed by default"
    return request.user
