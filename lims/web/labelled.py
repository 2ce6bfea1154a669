"""Where labels of things are printed, for pages that have just made some."""

from collections.abc import Sequence

from django.urls import reverse

from lims.models import User
from lims.web.gate import may
from specimens.models import Slide


def labels_address(user: User, slides: Sequence[Slide]) -> str:
    """The labels page with these slides chosen; blank for who prints none."""
    return f"{reverse('labels')}?items={','.join(map(str, slides))}" if may(user, "specimens.label") else ""
