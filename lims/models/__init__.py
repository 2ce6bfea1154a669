"""People and outcomes. Outcomes are registered here and not offered: who wants them names their module, so that
the import contracts see it."""

import lims.models.outcomes  # noqa: F401
from lims.models.people import RoleGrant, RoleRevocation, User

__all__ = ["RoleGrant", "RoleRevocation", "User"]
