"""Re-encodes images: rotated upright, scaled down and without metadata. Runs only in the child process."""

from __future__ import annotations

import io
from importlib import import_module
from typing import Any

from PIL import Image, ImageOps

from desktop.attachments.decode_wire import Decoded, NotDecoded, PlainPicture, Reason

_cms: Any = import_module("PIL.ImageCms")  # its types are incomplete

MOST_PIXELS = 100_000_000
THUMB = 256
"""Longer side of a thumbnail in pixels."""

_FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF", "AVIF")
_HEIF = "HEIF"
_PHOTOS = frozenset({"JPEG", "MPO", "WEBP", "TIFF", "AVIF", _HEIF})
_MOST_PNG = 1_500_000
"""Maximum size in bytes of images that are encoded as PNG. Larger ones become JPEG even if they are not photos."""

_QUALITY = 90
_ENOUGH = 0.95
"""Minimum share of the target size at which a JPEG may be decoded, e.g. for half of 4,032 pixels and a target of 2,048.
"""

_GREAT = 4_000_000
"""Number of pixels from which a faster filter is used. It takes a third of the time, with no visible difference."""


def picture(data: bytes, side: int) -> Decoded:
    """Return an image (the first frame of an animation) and its thumbnail. Raises NotDecoded."""
    Image.MAX_IMAGE_PIXELS = None  # the limit is checked below, before anything is decoded
    try:
        with Image.open(io.BytesIO(data), formats=_formats(data)) as opened:
            _require_size(opened)
            shown = _upright(opened, side)
            encoded = drawn(shown, photo=opened.format in _PHOTOS)
    except NotDecoded:
        raise
    except MemoryError:
        raise NotDecoded(Reason.TOO_LARGE) from None
    except Exception as error:
        raise NotDecoded(Reason.DAMAGED) from error
    return Decoded(pictures=(encoded,), thumbnail=thumbnail(shown))


def _formats(data: bytes) -> tuple[str, ...]:
    """Return the formats to try. HEIC needs a separate library, which is loaded only for containers."""
    if data[4:8] != b"ftyp":
        return _FORMATS
    import_module("pi_heif").register_heif_opener()
    return ("AVIF", _HEIF)


def drawn(image: Image.Image, *, photo: bool) -> PlainPicture:
    """Encode an image for models, without metadata: photos and large images as JPEG, others as PNG."""
    if not photo:
        data = _encoded(image, "PNG")
        if len(data) <= _MOST_PNG:
            return PlainPicture("image/png", data, image.width, image.height)
    return PlainPicture("image/jpeg", _encoded(_on_white(image), "JPEG"), image.width, image.height)


def thumbnail(image: Image.Image) -> bytes:
    """Return a thumbnail as PNG."""
    small = image.copy()
    small.thumbnail((THUMB, THUMB))
    return _encoded(small, "PNG")


def _require_size(opened: Image.Image) -> None:
    if opened.width * opened.height > MOST_PIXELS:
        raise NotDecoded(Reason.TOO_LARGE)


def _upright(opened: Image.Image, side: int) -> Image.Image:
    """Return the first frame, scaled down, rotated according to its metadata, and in sRGB."""
    turned = ImageOps.exif_transpose  # applied after scaling, because rotation doubles the memory
    profile = opened.info.get("icc_profile")
    wanted = _fitting(opened.size, side)
    # A JPEG can be decoded at half, a quarter or an eighth of its size.
    opened.draft("RGB", (max(int(wanted[0] * _ENOUGH), 1), max(int(wanted[1] * _ENOUGH), 1)))
    opened.load()
    orientation = opened.getexif().get(0x0112)
    is_common = opened.mode in {"RGB", "RGBA", "L", "LA"} and "transparency" not in opened.info
    image = _scaled(opened if is_common else _plain(opened), wanted)
    if orientation in range(2, 9):
        image.getexif()[0x0112] = orientation
        image = turned(image)
    image = _in_srgb(image, profile)
    plain = Image.new(image.mode, image.size)
    plain.paste(image)
    return plain


def _fitting(size: tuple[int, int], side: int) -> tuple[int, int]:
    """Return width and height with the longer side within the limit."""
    times = min(side / max(size), 1.0)
    return max(round(size[0] * times), 1), max(round(size[1] * times), 1)


def _scaled(image: Image.Image, wanted: tuple[int, int]) -> Image.Image:
    """Scale an image down. If it already has nearly the target size, a fast filter is sufficient."""
    if image.size == wanted:
        return image
    untyped: Any = image  # the types of `resize` are incomplete
    great = image.width * image.height > _GREAT
    if image.width <= wanted[0]:
        result: Image.Image = untyped.resize(wanted, Image.Resampling.BILINEAR)
    else:
        filter_ = Image.Resampling.HAMMING if great else Image.Resampling.LANCZOS
        result = untyped.resize(wanted, filter_, reducing_gap=2.0)
    return result


def _plain(opened: Image.Image) -> Image.Image:
    """Convert an image from an uncommon mode. 16-bit grayscale is stretched from its darkest to its lightest value."""
    if not opened.mode.startswith(("I", "F")):
        return opened.convert(_mode_of(opened))
    deep: Any = opened.convert("F")
    least, most = deep.getextrema()
    times = 255 / (most - least) if most > least else 0

    def spread(value: Any) -> Any:  # noqa: ANN401 - the library notes what is done with it
        """Map a value to the range 0–255."""
        return value * times - least * times

    return deep.point(spread).convert("L")


def _mode_of(opened: Image.Image) -> str:
    """Return the common mode that is closest to an uncommon one."""
    if opened.mode == "PA" or "transparency" in opened.info:
        return "RGBA"
    return "L" if opened.mode == "1" else "RGB"


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Convert an image to sRGB. It is returned unchanged if its profile cannot be read."""
    if not profile or image.mode not in {"RGB", "RGBA"}:
        return image
    alpha = image.getchannel("A") if image.mode == "RGBA" else None
    try:
        source = _cms.ImageCmsProfile(io.BytesIO(profile))
        converted: Image.Image | None = _cms.profileToProfile(image.convert("RGB"), source, _cms.createProfile("sRGB"))
    except (_cms.PyCMSError, OSError):
        return image
    if converted is None:
        return image
    if alpha is not None:
        converted.putalpha(alpha)
    return converted


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode in {"RGB", "L"}:
        return image
    ground = Image.new("RGB", image.size, "white")
    ground.paste(image, mask=image.getchannel("A"))
    return ground


def _encoded(image: Image.Image, format_: str) -> bytes:
    made = io.BytesIO()
    if format_ == "JPEG":
        image.save(made, "JPEG", quality=_QUALITY)
    else:
        image.save(made, "PNG", compress_level=6)
    return made.getvalue()
