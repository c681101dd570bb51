"""Photos of visits: looked into, made anew, and kept where only a page for people in scope reads them."""

import os
from contextlib import suppress
from io import BytesIO
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4
from warnings import catch_warnings, simplefilter

from django.conf import settings
from PIL import Image, ImageOps, UnidentifiedImageError

from chengshu.certification import visit_messages
from chengshu.kernel import clock

MOST_BYTES = 10 * 1024 * 1024
LONGEST_SIDE = 2000
_MOST_DOTS = 120_000_000
_FORMATS = ("JPEG", "PNG", "WEBP")
_QUALITY = 85


def as_jpeg(file: BinaryIO) -> bytes:
    """The picture of a file as a JPEG of its own, upright, at most 2000 dots long, without what the camera noted.

    Where and with which phone a photo was taken is nobody's business: nothing but the dots is taken over.

    Args:
        file: as it was sent; its name and type are not asked for, its content decides.

    Raises:
        UsageError: more than 10 MB, too many dots, or no picture.
    """
    content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise visit_messages.photo_too_big(MOST_BYTES // (1024 * 1024))
    try:
        return _made_anew(content)
    except (Image.DecompressionBombError, OSError, SyntaxError, ValueError, UnidentifiedImageError) as error:
        # Pillow's decoders tell of broken files in all of these ways.
        raise visit_messages.no_photo() from error


def _made_anew(content: bytes) -> bytes:
    with catch_warnings():
        # It warns of pictures with many dots, which are refused below.
        simplefilter("ignore", Image.DecompressionBombWarning)
        picture = Image.open(BytesIO(content), formats=_FORMATS)
    if picture.width * picture.height > _MOST_DOTS:
        raise visit_messages.photo_too_wide(picture.width, picture.height)
    # A JPEG need not be unpacked at its full size to be made smaller.
    picture.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
    upright = ImageOps.exif_transpose(picture)
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    seen = upright.convert("RGBA")
    plain = Image.new("RGB", seen.size, "white")
    plain.paste(seen, mask=seen.getchannel("A"))
    out = BytesIO()
    plain.save(out, "JPEG", quality=_QUALITY, optimize=True)
    return out.getvalue()


def keep(jpeg: bytes) -> str:
    """Write a picture, whole or not at all; its name under MEDIA_ROOT, which tells nothing of anybody."""
    name = f"visits/{clock.today():%Y-%m}/{uuid4().hex}.jpg"
    path = path_of(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    half = path.with_suffix(".part")
    with half.open("wb") as file:
        file.write(jpeg)
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)
    return name


def drop(name: str) -> None:
    """Remove a picture whose visit came to nothing."""
    if name:
        with suppress(OSError):
            path_of(name).unlink()


def path_of(name: str) -> Path:
    """Where a kept picture lies."""
    return Path(settings.MEDIA_ROOT) / name
