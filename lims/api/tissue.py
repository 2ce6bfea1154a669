"""What exists, from institutions to parcels: lists, details, and two deeds."""

from typing import Any

from django.db.models import QuerySet
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from lims.api import filters, shown
from lims.api.bodies import Enrolment, ParcelBody
from lims.api.door import Detail, Listing, valid
from lims.api.told import check_sites, named_trial, new_patient, parcel_of
from specimens import listings
from specimens.announcing import announce_shipments
from specimens.enrolling import enrol_patients
from specimens.scope import Scope

VIEW = {"GET": "specimens.view"}


class Institutions(Listing):
    needs = VIEW
    serializer_class = shown.InstitutionShown
    filterset_class = filters.InstitutionFilters

    def listing(self, scope: Scope) -> QuerySet[Any]:
        return listings.institutions(scope)


class OneInstitution(Detail):
    needs = VIEW
    serializer_class = shown.InstitutionShown
    named = {"code": "code__iexact"}

    def listing(self, scope: Scope) -> QuerySet[Any]:
        return listings.institutions(scope)


class Trials(Listing):
    needs = VIEW
    serializer_class = shown.TrialShown
    filterset_class = filters.TrialFilters

    def listing(self, scope: Scope) -> QuerySet[Any]:
        return listings.trials(scope)


class OneTrial(Detail):
    needs = VIEW
    serializer_class = shown.TrialShown
    named = {"code": "code__iexact"}

    def listing(self, scope: Scope) -> QuerySet[Any]:
        return listings.trials(scope)


class Patients(Listing):
    needs = {"GET": "specimens.view", "POST": "specimens.enrol"}
    serializer_class = shown.PatientShown
    filterset_class = filters.PatientFilters

    def listing(self, scope: Scope) -> QuerySet[Any]:
        return listings.patients(scope)

    @extend_schema(request=Enrolment, responses={201: shown.PatientShown(many=True)}, filters=False)
    def post(self, request: Request) -> Response:
        """Enrol patients, all of them or, with every fault named, none."""
        sent = valid(Enrolment, request)
        asked = sent
        check_sites(self.scope, asked["patients"])
        enrolled = enrol_patients(
            by=self.person,
            at=timezone.now(),
            trial=named_trial(asked["trial"]),
            rows=[new_patient(row) for row in asked["patients"]],
        )
        ids = [patient.pk for patient in enrolled]
        found = listings.patients(self.scope).filter(pk__in=ids).order_by("id")
        return Response(self.get_serializer(found, many=True).data, status=201)


class OnePatient(Detail):
    needs = VIEW
    serializer_class = shown.PatientShown
    named = {"trial": "trial__code__iexact", "study_id": "study_id__iexact"}

    def listing(self, scope: Scope) -> QuerySet[Any]:
        return listings.patients(scope)


class Specimens(Listing):
    needs = VIEW
    serializer_class = shown.SpecimenShown
    filterset_class = filters.SpecimenFilters

    def listing(self, scope: Scope) -> QuerySet[Any]:
        return listings.specimens(scope)


class OneSpecimen(Detail):
    needs = VIEW
    serializer_class = shown.SpecimenShown
    named = {"accession": "accession"}

    def listing(self, scope: Scope) -> QuerySet[Any]:
        return listings.specimens(scope)


class Blocks(Listing):
    needs = VIEW
    serializer_class = shown.BlockShown
    filterset_class = filters.BlockFilters

    def listing(self, scope: Scope) -> QuerySet[Any]:
        return listings.blocks(scope)


class OneBlock(Detail):
    needs = VIEW
    serializer_class = shown.BlockShown
    named = {"accession": "accession"}

    def listing(self, scope: Scope) -> QuerySet[Any]:
        return listings.blocks(scope)


class Slides(Listing):
    needs = VIEW
    serializer_class = shown.SlideShown
    filterset_class = filters.SlideInventoryFilters

    def listing(self, scope: Scope) -> QuerySet[Any]:
        return listings.slides(scope)


class OneSlide(Detail):
    needs = VIEW
    serializer_class = shown.SlideShown
    named = {"accession": "accession"}

    def listing(self, scope: Scope) -> QuerySet[Any]:
        return listings.slides(scope)


class Shipments(Listing):
    needs = {"GET": "specimens.view", "POST": "specimens.announce"}
    serializer_class = shown.ShipmentShown
    filterset_class = filters.ShipmentFilters

    def listing(self, scope: Scope) -> QuerySet[Any]:
        return listings.shipments(scope)

    @extend_schema(request=ParcelBody, responses={201: shown.ShipmentShown}, filters=False)
    def post(self, request: Request) -> Response:
        """Announce one parcel with its items; tissue not met before is accessioned."""
        sent = valid(ParcelBody, request)
        parcel = parcel_of(self.scope, sent)
        added = announce_shipments(by=self.person, at=timezone.now(), parcels=[parcel])[0]
        return Response(self.get_serializer(listings.shipments(self.scope).get(pk=added.pk)).data, status=201)


class OneShipment(Detail):
    needs = VIEW
    serializer_class = shown.ShipmentShown
    named = {"accession": "accession"}

    def listing(self, scope: Scope) -> QuerySet[Any]:
        return listings.shipments(scope)
