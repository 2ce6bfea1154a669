"""Receipt as programs do it: items, second looks, what was not announced, photographs, and receipts taken back."""

from typing import Any, ClassVar

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import FileField

from lims.api import shown
from lims.api.door import Body, Detail, valid
from lims.api.receiving_bodies import (
    LookBody,
    PhotoShown,
    ReceiptBody,
    SettlingBody,
    StrangerBody,
    UnannouncedBody,
    VoidBody,
)
from lims.api.told import Told, check_receiver
from specimens import form_desk, listings, parcel_desk, receipt_desk
from specimens.announcing import AnnouncedItem
from specimens.errors import Invalid
from specimens.identifiers import parsed
from specimens.models import Shipment
from specimens.receipts import Look
from specimens.receiving import FromForm, ReceivedItem, add_unannounced, receive_items, settle_quarantine
from specimens.scope import Scope
from specimens.second_looks import amend_receipt, attach_photo, void_receipt
from specimens.strangers import receive_stranger
from specimens.vocabulary import Condition, ItemKind, QuarantineOutcome


class OfParcel(Detail):
    """Something done to a parcel within reach, by who receives it; the answer is the parcel as it is then."""

    needs: ClassVar[dict[str, str]] = {"POST": "specimens.receive"}
    serializer_class = shown.ShipmentShown
    named = {"accession": "accession"}
    http_method_names = ["post"]

    def listing(self, scope: Scope) -> QuerySet[Any]:
        return listings.shipments(scope)

    def parcel(self) -> Shipment:
        shipment: Shipment = self.get_object()
        check_receiver(self.scope, shipment)
        return shipment

    def said(self, body: type[Body]) -> dict[str, Any]:
        return valid(body, self.request)

    def receipt(self, line: int) -> Any:
        return parcel_desk.receipt_in(self.scope, self.parcel().accession, line)

    def now(self) -> Response:
        return Response(self.get_serializer(self.get_object()).data, status=201)


class Receipts(OfParcel):
    @extend_schema(request=ReceiptBody, responses={201: shown.ShipmentShown})
    def post(self, request: Request, accession: str) -> Response:
        """Receive these lines of the parcel, all of them or none; `downtime` when they were on paper first."""
        shipment, said = self.parcel(), self.said(ReceiptBody)
        receive_items(
            by=self.person,
            at=timezone.now(),
            shipment=shipment,
            items=[ReceivedItem(**row) for row in said["items"]],
            written=from_form(said["downtime"]) if said["downtime"] else None,
        )
        return self.now()


def from_form(told: Told) -> FromForm:
    return FromForm(form_desk.form_numbered(told["form"], "form"), told["happened_at"], told["written_by"])


class TakenBack(OfParcel):
    @extend_schema(request=VoidBody, responses={201: shown.ShipmentShown})
    def post(self, request: Request, accession: str, line: int) -> Response:
        """Take the receipt of this line back: it is as before. What was written stays on record."""
        receipt, said = self.receipt(line), self.said(VoidBody)
        void_receipt(by=self.person, at=timezone.now(), receipt=receipt, reason=said["reason"])
        return self.now()


class SecondLook(OfParcel):
    @extend_schema(request=LookBody, responses={201: shown.ShipmentShown})
    def post(self, request: Request, accession: str, line: int) -> Response:
        """Say how the item looks on a second look; quarantine follows from it."""
        receipt, said = self.receipt(line), self.said(LookBody)
        look = Look(said["condition"], said["identifiers_agree"], said["apart"])
        amend_receipt(
            by=self.person, at=timezone.now(), receipt=receipt, look=look, note=said["note"], reason=said["reason"]
        )
        return self.now()


class Settled(OfParcel):
    @extend_schema(request=SettlingBody, responses={201: shown.ShipmentShown})
    def post(self, request: Request, accession: str, line: int) -> Response:
        """Accept or reject an item that was kept apart, with the reason."""
        receipt, said = self.receipt(line), self.said(SettlingBody)
        outcome = QuarantineOutcome(said["outcome"])
        settle_quarantine(by=self.person, at=timezone.now(), receipt=receipt, outcome=outcome, reason=said["reason"])
        return self.now()


class Unannounced(OfParcel):
    @extend_schema(request=UnannouncedBody, responses={201: shown.ShipmentShown})
    def post(self, request: Request, accession: str) -> Response:
        """Receive something described here that the sender did not announce; without a study id it is kept apart."""
        shipment, said = self.parcel(), self.said(UnannouncedBody)
        looks = {name: said.pop(name) for name in ("condition", "note", "question")}
        item = AnnouncedItem(**{**said, "kind": ItemKind(said["kind"])})
        looks["condition"] = Condition(looks["condition"])
        add_unannounced(by=self.person, at=timezone.now(), shipment=shipment, item=item, **looks)
        return self.now()


class Strangers(OfParcel):
    @extend_schema(request=StrangerBody, responses={201: shown.ShipmentShown})
    def post(self, request: Request, accession: str) -> Response:
        """Receive a block or slide on record that this parcel did not announce, accepted here or kept apart."""
        shipment, said = self.parcel(), self.said(StrangerBody)
        thing = receipt_desk.thing_numbered(parsed(said["number"]))
        if thing is None:
            raise Invalid("unknown_thing", f"No block or slide {said['number']} is on record.", field="number")
        receive_stranger(
            by=self.person,
            at=timezone.now(),
            shipment=shipment,
            thing=thing,
            condition=Condition(said["condition"]),
            identifiers_agree=said["identifiers_agree"],
            accepted=said["accept"],
        )
        return self.now()


class PhotoBody(Body):
    file = FileField(allow_empty_file=True)


class Photos(OfParcel):
    parser_classes = [MultiPartParser]
    serializer_class = PhotoShown  # type: ignore[assignment]

    @extend_schema(request={"multipart/form-data": PhotoBody}, responses={201: PhotoShown})
    def post(self, request: Request, accession: str, line: int) -> Response:
        """Keep a photograph of how the item came: JPEG, PNG or TIFF; only its pixels are kept."""
        receipt, upload = self.receipt(line), self.said(PhotoBody)["file"]
        content = upload.read(settings.PARAFFIN_MAX_UPLOAD_BYTES + 1)
        photo = attach_photo(by=self.person, at=timezone.now(), receipt=receipt, name=upload.name, content=content)
        return Response(PhotoShown(photo).data, status=201)
