"""Pictures of slides: verified by their bytes, stripped of everything but pixels, kept under a name of our own."""

import hashlib
import io
import warnings
from datetime import datetime

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from PIL import Image, UnidentifiedImageError

from specimens import ledger
from specimens.actors import Actor, person_id
from specimens.consenting import demand_consent
from specimens.deeds import deed, require
from specimens.errors import Invalid, Refused
from specimens.models import Slide, SlideImage

FORMATS = {"PNG": ("png", "image/png"), "JPEG": ("jpg", "image/jpeg"), "TIFF": ("png", "image/png")}
THUMBNAIL = (256, 256)


class TooLarge(Invalid):
    status = 413


class WrongKind(Invalid):
    status = 415


@deed
def attach_image(*, by: Actor, at: datetime, slide: Slide, name: str, content: bytes,
                 demonstration: bool = False) -> SlideImage:  # fmt: skip
    """Attach a JPEG, PNG or TIFF picture to a slide. What its name says does not count; its bytes do."""
    require(by, "specimens.attach_image", "Only histotechnologists attach pictures.")
    demand_consent({slide.block.specimen.patient_id}, "Picturing")
    picture = opened(name, content)
    suffix, media_type = FORMATS[picture.format or ""]
    sha256 = hashlib.sha256(content).hexdigest()
    if SlideImage.objects.filter(slide=slide, sha256=sha256).exists():
        raise Refused("image_once", "This picture is attached to this slide already.")
    plain = picture.convert("RGB")
    image = SlideImage.objects.create(
        slide=slide,
        sha256=sha256,
        file=stored(f"slides/{sha256}.{suffix}", plain),
        thumbnail=stored(f"slides/{sha256}-small.{suffix}", small(plain)),
        media_type=media_type,
        width=plain.width,
        height=plain.height,
        attached_at=at,
        attached_by_id=person_id(by),
        demonstration=demonstration,
    )
    said = f"A picture of {plain.width} x {plain.height} pixels was attached to slide {slide}."
    patient_id = slide.block.specimen.patient_id
    ledger.write(
        [ledger.line("attach image", slide, said, patient_id=patient_id, became={"sha256": sha256})], by=by, at=at
    )
    return image


def opened(name: str, content: bytes) -> Image.Image:
    """The decoded picture, or a refusal that says what the file is not. Its size is checked before decoding."""
    if not content:
        raise Invalid("empty_file", f"{name} is empty.", field="file")
    limit = settings.PARAFFIN_MAX_UPLOAD_BYTES
    if len(content) > limit:
        raise TooLarge("file_too_large", f"{name} is larger than {limit // 2**20} MB.", field="file")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(content), formats=list(FORMATS))
        if picture.width * picture.height > settings.PARAFFIN_MAX_IMAGE_PIXELS:
            said = f"{name} has {picture.width} x {picture.height} pixels, more than this core keeps."
            raise TooLarge("image_too_large", said, field="file")
        picture.load()
    except UnidentifiedImageError as error:
        said = f"{name} is not a JPEG, PNG or TIFF picture, whatever its name says."
        raise WrongKind("not_an_image", said, field="file") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise TooLarge("image_too_large", f"{name} has more pixels than this core keeps.", field="file") from error
    except (OSError, SyntaxError, ValueError) as error:
        raise Invalid("broken_image", f"{name} is damaged or cut short: {error}.", field="file") from error
    return picture


def small(picture: Image.Image) -> Image.Image:
    copy = picture.copy()
    copy.thumbnail(THUMBNAIL)
    return copy


def stored(path: str, picture: Image.Image) -> str:
    """Save the pixels alone (no EXIF, no text, no second frame) and return the stored name."""
    if default_storage.exists(path):
        return path
    buffer = io.BytesIO()
    picture.save(buffer, format="PNG" if path.endswith("png") else "JPEG", quality=92)
    return default_storage.save(path, ContentFile(buffer.getvalue()))
