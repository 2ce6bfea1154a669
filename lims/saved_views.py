"""Lists saved with their filters under a name of their owner's own. Preferences, no regulated fact: no ledger."""

from datetime import datetime

from lims.models import User
from lims.models.desk import SavedView
from specimens.deeds import deed, unfit
from specimens.errors import Invalid, Refused, Unknown

MOST = 30
LONGEST = 500


@deed
def save_view(*, by: User, at: datetime, page: str, name: str, query: str) -> SavedView:
    """Keep the filters of a page under `name`; the same name again takes the new filters."""
    name = " ".join(name.split())
    if not name:
        raise Invalid("no_name", "Give the view a name.", field="name")
    if said := unfit(name, 60):
        raise Invalid("invalid", said, field="name")
    if len(query) > LONGEST or "\0" in query:
        raise Invalid("invalid", "These filters are too long to be kept.", field="name")
    User.objects.select_for_update().get(pk=by.pk)
    own = SavedView.objects.filter(owner=by, page=page)
    if own.exclude(name=name).count() >= MOST:
        raise Refused("too_many", f"You have {MOST} views of this list: delete one first.")
    saved, _ = SavedView.objects.update_or_create(
        owner=by, page=page, name=name, defaults={"query": query, "saved_at": at}
    )
    return saved


@deed
def delete_view(*, by: User, at: datetime, pk: int) -> str:
    """Forget a view of one's own. Returns its name."""
    found = SavedView.objects.filter(owner=by, pk=pk).first()
    if found is None:
        raise Unknown("unknown_view", "You have no such view.")
    found.delete()
    return found.name


def views_of(user: User, page: str) -> list[SavedView]:
    return list(SavedView.objects.filter(owner=user, page=page).order_by("name"))
