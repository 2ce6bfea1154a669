"""`id__among=ids` says what `id__in=ids` does, with one parameter on PostgreSQL however many ids there are."""

from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models import BigIntegerField, ForeignKey
from django.db.models.lookups import In


@BigIntegerField.register_lookup
@ForeignKey.register_lookup
class Among(In):
    """Of whole numbers only. A thousand parameters cost more to prepare than their rows to fetch."""

    lookup_name = "among"

    def get_prep_lookup(self) -> Any:
        return [int(each) for each in self.rhs]

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        if not self.rhs:
            raise EmptyResultSet
        left, params = self.process_lhs(compiler, connection)
        return f"{left} = ANY(%s::bigint[])", [*params, f"{{{','.join(map(str, self.rhs))}}}"]
