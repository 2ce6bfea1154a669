"""What every endpoint is: closed by default, bound to a scope, refusing parameters it does not know."""

from types import SimpleNamespace
from typing import Any, ClassVar, cast

from django.db.models import QuerySet
from django.http import Http404
from django_filters.rest_framework import DjangoFilterBackend, FilterSet
from rest_framework import generics, serializers
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.negotiation import BaseContentNegotiation, DefaultContentNegotiation
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from lims.api.authentication import Session, Token
from lims.api.keyed import key_of, keyed
from lims.api.paging import Keyset
from lims.models import User
from lims.people import scope_of
from specimens.scope import Scope


class Allowed(BasePermission):
    """Signed in, and holding what the endpoint needs for the method."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        if not request.user.is_authenticated:
            return False
        method = "GET" if request.method == "HEAD" else request.method
        needed = getattr(view, "needs", {}).get(method, "")
        if needed and not request.user.has_perm(needed):
            raise PermissionDenied("Your role does not reach this.", "not_your_role")
        return True


class JsonOnly(DefaultContentNegotiation):
    """What is answered hangs on `Accept` alone: `?format=` is a parameter like any other."""

    settings = SimpleNamespace(URL_FORMAT_OVERRIDE=None)  # type: ignore[assignment]


class Door(APIView):
    """`needs` names a permission for each method; `parameters` the query parameters it understands.

    `remembers` is False where an answer may not be kept for an `Idempotency-Key`: files, streams, secrets.
    """

    authentication_classes = [Token, Session]
    permission_classes = [Allowed]
    content_negotiation_class: type[BaseContentNegotiation] = JsonOnly
    metadata_class = None
    needs: ClassVar[dict[str, str]] = {}
    parameters: ClassVar[frozenset[str]] = frozenset()
    remembers: ClassVar[bool] = True

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        key = key_of(request, remembers=self.remembers)
        if key is not None:
            _ = request._request.body  # now, before anything reads the stream: it is part of what the key stands for
        super().initial(request, *args, **kwargs)
        check_parameters(request, self.known_parameters())
        method = getattr(self, str(request.method).lower(), None)
        if key is not None and method is not None:
            # The framework asks the view for its method only after this.
            setattr(self, str(request.method).lower(), keyed(self, request, key, method))

    def known_parameters(self) -> frozenset[str]:
        return self.parameters

    @property
    def person(self) -> User:
        """Whoever calls; strangers were turned away before."""
        return cast(User, self.request.user)

    @property
    def scope(self) -> Scope:
        return scope_of(self.person)


def check_parameters(request: Request, known: frozenset[str]) -> None:
    """Refuse what would be ignored, lest an answer seem filtered that was not."""
    problems = {}
    for name in request.query_params:
        if name not in known:
            listed = ", ".join(sorted(known)) or "none"
            problems[name[:40]] = f"There is no parameter of this name here; there are: {listed}."
        elif len(request.query_params.getlist(name)) > 1:
            problems[name] = "This parameter was given twice; give it once."
    if problems:
        raise ValidationError(problems)


class Listing(Door, generics.ListAPIView):
    """A list within the viewer's scope; subclasses say `listing`, how it is filtered and shown."""

    filter_backends = [DjangoFilterBackend]
    pagination_class = Keyset
    filterset_class: type[FilterSet] | None = None

    def listing(self, scope: Scope) -> QuerySet[Any]:
        raise NotImplementedError

    def get_queryset(self) -> QuerySet[Any]:
        return self.listing(self.scope)

    def known_parameters(self) -> frozenset[str]:
        own = self.filterset_class.base_filters if self.filterset_class else ()
        return frozenset({*own, "cursor", "page_size", *self.parameters})


class Detail(Door, generics.RetrieveAPIView):
    """One thing within the viewer's scope; out of it, it is not there. `named` are lookups by URL part."""

    named: ClassVar[dict[str, str]] = {}

    def listing(self, scope: Scope) -> QuerySet[Any]:
        raise NotImplementedError

    def get_queryset(self) -> QuerySet[Any]:
        return self.listing(self.scope)

    def get_object(self) -> Any:
        wanted = {lookup: self.kwargs[part] for part, lookup in self.named.items()}
        found = self.get_queryset().filter(**wanted).first()
        if found is None:
            raise Http404
        return found


class Missing(Door):
    """An address that leads nowhere."""

    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super(Door, self).initial(request, *args, **kwargs)
        raise Http404


class Body(serializers.Serializer[Any]):
    """A request body: a field it does not know is refused by name, never ignored."""

    def to_internal_value(self, told: Any) -> Any:
        if isinstance(told, dict):
            unknown = sorted(str(name)[:40] for name in told if name not in self.fields)
            if unknown:
                listed = ", ".join(self.fields)
                said = f"There is no field of this name here; there are: {listed}."
                raise serializers.ValidationError(dict.fromkeys(unknown, said))
        return super().to_internal_value(told)


def valid(body: type[Any], request: Request) -> dict[str, Any]:
    """What a request says, as `body` takes it. Raises ValidationError by field."""
    sent = body(data=request.data)
    sent.is_valid(raise_exception=True)
    return dict(sent.validated_data)
