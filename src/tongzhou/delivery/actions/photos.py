"""Keep a receipt photograph: decoded, shrunk, without anything that a camera writes beside it."""

import hashlib
import io
import threading
import warnings

from django.db import transaction
from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from tongzhou.kit import clock

from ..models import Photo
from ..rules import Refused

MOST_BYTES = 8 * 2**20
# Only a JPEG can be decoded to a smaller size; the others stand in memory whole, 8 bytes a pixel.
MOST_PIXELS = {"JPEG": 50_000_000, "MPO": 50_000_000, "PNG": 16_000_000, "WEBP": 16_000_000}
LONGEST_SIDE = 1280
MOST_STORED = 200 * 1024
FORMATS = ("JPEG", "PNG", "WEBP")
QUALITIES = (80, 65, 50, 35)
# However many are sent at once, one stands in memory.
_ONE_AT_A_TIME = threading.Lock()


@transaction.atomic
def keep_photo(data: bytes) -> Photo:
    """Store a photograph as a JPEG of at most 200 KB; the same picture is stored once.

    Raises Refused when it is no picture, too large, or of more pixels than a telephone makes.
    """
    picture = _shrunk(data)
    photo, _new = Photo.objects.get_or_create(
        sha256=hashlib.sha256(picture).hexdigest(),
        defaults={"data": picture, "stored_at": clock.now()},
    )
    return photo


def _shrunk(data: bytes) -> bytes:
    if len(data) > MOST_BYTES:
        raise Refused("photo.large", _("The photograph is larger than 8 MB. Take a smaller one."))
    try:
        with _ONE_AT_A_TIME:
            image = _decoded(data)
    # A decoder fails in as many ways as there are bytes: whatever it is, this is no photograph.
    except Exception:
        raise Refused(
            "photo.form", _("The photograph could not be read. Take it again, as JPEG or PNG.")
        ) from None
    for quality in QUALITIES:
        written = io.BytesIO()
        image.save(written, "JPEG", quality=quality, optimize=True)
        if written.tell() <= MOST_STORED:
            break
    return written.getvalue()


def _decoded(data: bytes) -> Image.Image:
    """The picture upright, in RGB, in a copy that has left all metadata behind."""
    with warnings.catch_warnings():
        # What a camera wrote wrongly beside the picture is thrown away anyhow.
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        opened = Image.open(io.BytesIO(data), formats=FORMATS)
        if opened.width * opened.height > MOST_PIXELS[opened.format or ""]:
            raise ValueError("too many pixels")
        # A JPEG decodes straight to a smaller size, so that 50 megapixels never stand in memory.
        opened.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
        opened.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        upright = ImageOps.exif_transpose(opened)
        clean = Image.new("RGB", upright.size, "white")
        clean.paste(upright.convert("RGB"))
        return clean
