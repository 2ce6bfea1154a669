"""The pictures of a case's slide, for who may see the case: numbered within the case, under no name of their own."""

from dataclasses import dataclass

from scoring.views import CaseView
from specimens.errors import Unknown
from specimens.models import SlideImage
from specimens.tiling import CutState, Cutting, cuttings_of, folder_of

PLAIN_KINDS = ("image/png", "image/jpeg")


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of the case's slide. `id` counts from 1 within the case, so that it tells nothing of other cases;
    `file` is what may be served of it whole: the plain picture, or the small one of a whole slide. `mpp` are
    micrometres a pixel. `cutting` is None for a plain picture."""

    id: int
    image_id: int
    file: str
    media_type: str
    width: int
    height: int
    demonstration: bool
    whole_slide: bool
    mpp: float | None
    magnification: float | None
    folder: str
    cutting: Cutting | None

    @property
    def is_ready(self) -> bool:
        """Can it be looked at in depth now?"""
        return self.cutting is None or self.cutting.state is CutState.CUT

    @property
    def is_shown(self) -> bool:
        """Is there anything of it to show? A whole slide has its small picture once its cutting has begun."""
        return self.cutting is None or self.cutting.state is CutState.CUT or self.cutting.done > 0


def pictures(view: CaseView) -> list[Picture]:
    """The pictures of the slide of a case that somebody may see, first attached first."""
    return of_slide(view.slide_id)


def of_slide(slide_id: int) -> list[Picture]:
    """The pictures of a slide, whoever asks. Three queries at most."""
    found = list(SlideImage.objects.filter(slide_id=slide_id).order_by("id"))
    cuttings = cuttings_of(found)
    return [shown(number, image, cuttings.get(image.pk)) for number, image in enumerate(found, start=1)]


def shown(number: int, image: SlideImage, cutting: Cutting | None) -> Picture:
    kind = image.media_type if image.media_type in PLAIN_KINDS else "application/octet-stream"
    return Picture(
        id=number,
        image_id=image.pk,
        file=image.thumbnail if image.whole_slide else image.file,
        media_type="image/jpeg" if image.whole_slide else kind,
        width=image.width,
        height=image.height,
        demonstration=image.demonstration,
        whole_slide=image.whole_slide,
        mpp=image.mpp,
        magnification=image.magnification,
        folder=folder_of(image.sha256),
        cutting=cutting,
    )


def picture(view: CaseView, number: int) -> Picture:
    """One picture of the case's slide. Raises Unknown for any other."""
    found = next((each for each in pictures(view) if each.id == number), None)
    if found is None:
        raise Unknown("unknown_image", f"Case {view.code} has no such picture.")
    return found
