"""Whose tissue a viewer may meet: everything (the core), or what touches certain institutions."""

from dataclasses import dataclass

from django.db.models import Q


@dataclass(frozen=True, slots=True)
class Scope:
    """`institutions` is None for the core's own people, who see every site."""

    institutions: frozenset[int] | None = None

    @property
    def everything(self) -> bool:
        return self.institutions is None

    def holds(self, institution_id: int) -> bool:
        return self.institutions is None or institution_id in self.institutions

    def patients(self, path: str = "") -> Q:
        """The condition on a queryset whose `path` leads to Patient ("" for Patient itself)."""
        if self.institutions is None:
            return Q()
        return Q(**{f"{path}treating_site_id__in": self.institutions})

    def specimens(self, path: str = "") -> Q:
        """Specimens of patients treated at, or tissue held by, the viewer's institutions."""
        if self.institutions is None:
            return Q()
        held = Q(**{f"{path}holding_site_id__in": self.institutions})
        return held | self.patients(f"{path}patient__")

    def shipments(self, path: str = "") -> Q:
        if self.institutions is None:
            return Q()
        sent = Q(**{f"{path}sender_id__in": self.institutions})
        return sent | Q(**{f"{path}receiver_id__in": self.institutions})


EVERYTHING = Scope(None)
