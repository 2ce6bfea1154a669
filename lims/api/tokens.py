"""Tokens: one's own, made with the password again, shown once, listed by their first letters, revoked."""

from datetime import timedelta

from django.contrib.auth import authenticate
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers as s
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from lims import second_factor, tokens
from lims.api import attempts
from lims.api.bodies import SignIn
from lims.api.door import Allowed, Door, valid
from lims.api.shown import Shown

WRONG = "No active person has this user name and password."


class MadeShown(Shown):
    token = s.CharField(help_text="Shown this once; only its hash is kept")
    key = s.CharField(help_text="Its first letters, by which it is listed and revoked")
    expires_at = s.DateTimeField()


class TokenShown(Shown):
    key = s.CharField(source="token_key")
    created_at = s.DateTimeField(source="created")
    expires_at = s.DateTimeField(source="expiry", allow_null=True)


class AnybodyMayTry(BasePermission):
    """A stranger may post a user name and password, and nothing else."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return request.method == "POST" or Allowed().has_permission(request, view)


class MakeToken(Door):
    permission_classes = [AnybodyMayTry]
    remembers = False

    @extend_schema(request=SignIn, responses={201: MadeShown}, auth=[])
    def post(self, request: Request) -> Response:
        """Make a token. It carries its person's roles and ends with them."""
        told = valid(SignIn, request)
        attempts.refuse_if_many(told["username"])
        person = authenticate(request._request, username=told["username"], password=told["password"])
        if person is None:
            attempts.note_failure(told["username"])
            raise AuthenticationFailed(WRONG, "wrong_password")
        if second_factor.is_enrolled(person) and not second_factor.takes(person, told["code"]):
            attempts.note_failure(told["username"])
            raise AuthenticationFailed(second_factor.WRONG, "wrong_code")
        clear = tokens.make(by=person, at=timezone.now(), lifetime=timedelta(days=told["days"]))
        made = tokens.of(person).get(token_key=clear[:15])
        shown = {"token": clear, "key": made.token_key, "expires_at": made.expiry}
        return Response(MadeShown(shown).data, status=201)


class Tokens(Door):
    @extend_schema(responses=TokenShown(many=True))
    def get(self, request: Request) -> Response:
        """One's own tokens that have not expired, by their first letters."""
        return Response(TokenShown(tokens.of(self.person), many=True).data)


class OneToken(Door):
    @extend_schema(responses={204: None})
    def delete(self, request: Request, key: str) -> Response:
        """Revoke a token of one's own; it stops working at once."""
        tokens.revoke(by=self.person, at=timezone.now(), key=key)
        return Response(status=204)
