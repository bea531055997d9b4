"""Files that students might upload, and where these and their results are."""

from __future__ import annotations

from uuid import UUID

from PIL import ExifTags, Image, ImageCms

from testing_support.rows import OWNER

SECRET = "Ada's desk"
"""What the metadata of a picture says."""


def key_of(item_id: UUID, owner: str = OWNER) -> str:
    return f"uploads/images/{owner}/{item_id}"


def result_keys(item_id: UUID, version: str) -> list[str]:
    return [f"results/{OWNER}/{item_id}/{version}/{name}" for name in ("thumbnail.webp", "rendition.jpg")]


def half_white(mode: str = "L", size: tuple[int, int] = (64, 32)) -> Image.Image:
    """Black on the left, white on the right."""
    picture = Image.new("L", size, 0)
    picture.paste(255, (size[0] // 2, 0, *size))
    if mode.startswith("I;16"):
        return picture.convert("I").point(lambda value: value * 257 + 0).convert(mode)
    return picture if mode == "L" else picture.convert("RGB").convert(mode)


def corners(*colours: str) -> Image.Image:
    """A picture of 64 x 32 whose corners have these colours: upper left and right, lower left and right."""
    picture = Image.new("RGB", (64, 32))
    for number, colour in enumerate(colours):
        left, top = number % 2 * 32, number // 2 * 16
        picture.paste(colour, (left, top, left + 32, top + 16))
    return picture


def oriented(orientation: int) -> bytes:
    """EXIF that says how a camera was held."""
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    return exif.tobytes()


def telling() -> bytes:
    """EXIF that says who took the picture, and where."""
    exif = Image.Exif()
    exif[ExifTags.Base.Artist] = SECRET
    position = exif.get_ifd(ExifTags.IFD.GPSInfo)
    position[ExifTags.GPS.GPSLatitudeRef] = "N"
    position[ExifTags.GPS.GPSLatitude] = (51.0, 30.0, 26.0)
    return exif.tobytes()


def swapped_profile() -> bytes:
    """An ICC profile of a camera that takes red for blue."""
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return srgb.replace(b"rXYZ", b"XXXX").replace(b"bXYZ", b"rXYZ").replace(b"XXXX", b"bXYZ")
