"""Manifest files: what was uploaded, how it was judged, what came of it, and how each sender names its columns."""

from django.db import models


class Manifest(models.Model):
    """One file from one sender, kept as it came. Uploading it again finds it again."""

    sha256 = models.CharField(max_length=64)
    name = models.CharField(max_length=200)
    file = models.CharField(max_length=200)
    kind = models.CharField(max_length=32, blank=True, help_text="which template it follows; blank before it was read")
    sender = models.ForeignKey("specimens.Institution", on_delete=models.PROTECT, related_name="+")
    mapping = models.JSONField(default=dict, help_text="its columns to ours, where they are not ours already")
    synthetic = models.BooleanField(default=False)
    uploaded_at = models.DateTimeField()
    uploaded_by = models.ForeignKey("lims.User", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["sender", "sha256"],
                name="manifest_file_once",
                violation_error_message="This very file was uploaded already.",
            )
        ]

    def __str__(self) -> str:
        return self.name


class ManifestCheck(models.Model):
    """A dry run over a manifest: every row's verdict. The latest counts.

    With `imports` it goes on to announce the parcel when no row is refused: what was judged is what comes in.
    """

    manifest = models.ForeignKey("lims.Manifest", on_delete=models.PROTECT, related_name="checks")
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey("lims.User", on_delete=models.PROTECT, related_name="+")
    receiver = models.ForeignKey("specimens.Institution", on_delete=models.PROTECT, related_name="+", null=True)
    trial = models.CharField(max_length=24, blank=True, help_text="code of the trial, where the file says none")
    imports = models.BooleanField(default=False)
    stopped_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    rows = models.PositiveIntegerField(default=0)
    accepted = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    sheet = models.CharField(max_length=200, blank=True, help_text="the sheet that holds the rows")
    findings = models.JSONField(default=list)
    lines = models.JSONField(default=list, help_text="row, study id and label of each row that announces something")
    columns = models.JSONField(default=list, help_text="the file's own columns, where it is no template we know")

    def __str__(self) -> str:
        return f"check of {self.manifest}"


class ManifestImport(models.Model):
    """That a manifest became an announced parcel. Once."""

    append_only = True

    manifest = models.OneToOneField("lims.Manifest", on_delete=models.PROTECT, related_name="imported")
    shipment = models.OneToOneField("specimens.Shipment", on_delete=models.PROTECT, related_name="+")
    imported_at = models.DateTimeField()
    imported_by = models.ForeignKey("lims.User", on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.manifest} as {self.shipment}"


class ColumnMapping(models.Model):
    """How a sender names the columns of a kind of sheet, as last used."""

    sender = models.ForeignKey("specimens.Institution", on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=32)
    columns = models.JSONField()
    used_at = models.DateTimeField()
    used_by = models.ForeignKey("lims.User", on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["sender", "kind"], name="mapping_once")]

    def __str__(self) -> str:
        return f"{self.sender} {self.kind}"
