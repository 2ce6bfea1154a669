"""People and outcomes. Outcomes are registered here and not offered: who wants them names their module, so that
the import contracts see it."""

import lims.models.freezes
import lims.models.outcome_variables
import lims.models.outcomes  # noqa: F401
from lims.models.desk import RememberedAnswer, SavedView
from lims.models.manifests import ColumnMapping, Manifest, ManifestCheck, ManifestImport
from lims.models.people import RoleGrant, RoleRevocation, User

__all__ = [
    "ColumnMapping",
    "Manifest",
    "ManifestCheck",
    "ManifestImport",
    "RememberedAnswer",
    "RoleGrant",
    "RoleRevocation",
    "SavedView",
    "User",
]
