"""The API's addresses, version 1. Everything is closed by default; what leads nowhere says so in JSON."""

from django.urls import URLPattern, path

from lims.api import (
    boards, cases, docs, export, manifests, outcomes, places, questions, receiving, scores, tissue, tokens,
)  # fmt: skip
from lims.api.door import Missing

places.register()

urlpatterns: list[URLPattern] = [
    path("auth/token/", tokens.MakeToken.as_view(), name="api-token"),
    path("auth/tokens/", tokens.Tokens.as_view(), name="api-tokens"),
    path("auth/tokens/<key:key>/", tokens.OneToken.as_view(), name="api-one-token"),
    path("institutions/", tissue.Institutions.as_view(), name="api-institutions"),
    path("institutions/<code:code>/", tissue.OneInstitution.as_view(), name="api-institution"),
    path("trials/", tissue.Trials.as_view(), name="api-trials"),
    path("trials/<code:code>/", tissue.OneTrial.as_view(), name="api-trial"),
    path("patients/", tissue.Patients.as_view(), name="api-patients"),
    path("patients/<code:trial>/<study:study_id>/why/", scores.Why.as_view(), name="api-why"),
    path("patients/<code:trial>/<study:study_id>/", tissue.OnePatient.as_view(), name="api-patient"),
    path("specimens/", tissue.Specimens.as_view(), name="api-specimens"),
    path("specimens/<accession:accession>/", tissue.OneSpecimen.as_view(), name="api-specimen"),
    path("blocks/", tissue.Blocks.as_view(), name="api-blocks"),
    path("blocks/<accession:accession>/", tissue.OneBlock.as_view(), name="api-block"),
    path("slides/", tissue.Slides.as_view(), name="api-slides"),
    path("slides/<accession:accession>/", tissue.OneSlide.as_view(), name="api-slide"),
    path("shipments/", tissue.Shipments.as_view(), name="api-shipments"),
    path("shipments/<accession:accession>/", tissue.OneShipment.as_view(), name="api-shipment"),
    path("shipments/<accession:accession>/receipts/", receiving.Receipts.as_view(), name="api-receipts"),
    path("shipments/<accession:accession>/receipts/<id:line>/void/", receiving.TakenBack.as_view(), name="api-void"),
    path("shipments/<accession:accession>/receipts/<id:line>/looks/", receiving.SecondLook.as_view(), name="api-look"),
    path("shipments/<accession:accession>/receipts/<id:line>/settle/", receiving.Settled.as_view(), name="api-settle"),
    path("shipments/<accession:accession>/receipts/<id:line>/photos/", receiving.Photos.as_view(), name="api-photos"),
    path("shipments/<accession:accession>/unannounced/", receiving.Unannounced.as_view(), name="api-unannounced"),
    path("shipments/<accession:accession>/strangers/", receiving.Strangers.as_view(), name="api-strangers"),
    path("queries/", questions.Queries.as_view(), name="api-queries"),
    path("queries/<accession:accession>/", questions.OneQuery.as_view(), name="api-query"),
    path("queries/<accession:accession>/answers/", questions.Answers.as_view(), name="api-answers"),
    path("queries/<accession:accession>/closure/", questions.Closures.as_view(), name="api-closure"),
    path("downtime-forms/", questions.DowntimeForms.as_view(), name="api-downtime-forms"),
    path("downtime-forms/<accession:accession>/paper/", questions.FormPaper.as_view(), name="api-form-paper"),
    path("flow/", boards.FlowOfTissue.as_view(), name="api-flow"),
    path("turnaround/", boards.Turnaround.as_view(), name="api-turnaround"),
    path("inventory/", boards.Inventory.as_view(), name="api-inventory"),
    path("manifests/", manifests.Manifests.as_view(), name="api-manifests"),
    path("manifests/<id:pk>/", manifests.OneManifest.as_view(), name="api-manifest"),
    path("manifests/<id:pk>/import/", manifests.ImportManifest.as_view(), name="api-import-manifest"),
    path("cases/", cases.Cases.as_view(), name="api-cases"),
    path("cases/<key:code>/", cases.OneCase.as_view(), name="api-case"),
    path("cases/<key:code>/reads/", cases.Reads.as_view(), name="api-reads"),
    path("scores/", scores.Scores.as_view(), name="api-scores"),
    path("outcomes/", outcomes.Outcomes.as_view(), name="api-outcomes"),
    path("outcomes/releases/", outcomes.Releases.as_view(), name="api-releases"),
    path("outcomes/releases/<id:pk>/", outcomes.OneRelease.as_view(), name="api-release"),
    path("outcomes/local-diagnoses/", outcomes.LocalDiagnoses.as_view(), name="api-local-diagnoses"),
    path("export/patients/", export.PatientsExport.as_view(), name="api-export-patients"),
    path("export/dictionary/", export.DictionaryExport.as_view(), name="api-export-dictionary"),
    path("schema/", docs.Schema.as_view(), name="schema"),
    path("docs/", docs.Docs.as_view(), name="api-docs"),
    path("<path:anything>", Missing.as_view(), name="api-missing"),
]
