"""Which images a laboratory may put in a report, and which it may not."""

import zlib
from collections.abc import Callable

import pytest

from backend.gateways.pdf import Flaw, PdfWorkers, UnreadableFigure
from tests.gateways.figure_files import FORMATS, animated, chunk, gif, image, png, with_archive


@pytest.mark.parametrize("media_type", FORMATS)
async def test_a_still_image_is_accepted_as_what_it_is(
    workers: PdfWorkers, media_type: str
) -> None:
    facts = await workers.look(image(media_type), media_type)
    assert (facts.width, facts.height) == (40, 30)
    for other in FORMATS.keys() - {media_type}:
        with pytest.raises(UnreadableFigure) as refusal:
            await workers.look(image(media_type), other)
        assert refusal.value.flaw is Flaw.NOT_THAT_IMAGE


SCRIPT = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"
PNG, GIF, JPEG = "image/png", "image/gif", "image/jpeg"
FLAWED: dict[str, tuple[str, Callable[[], bytes], Flaw]] = {
    "a drawing with a script": (PNG, lambda: SCRIPT, Flaw.NOT_THAT_IMAGE),
    "a PDF": (PNG, lambda: b"%PDF-1.7", Flaw.NOT_THAT_IMAGE),
    "half an image": (JPEG, lambda: image(JPEG)[:400], Flaw.DAMAGED),
    "no pixel at all": (PNG, lambda: png(40, 30, b""), Flaw.DAMAGED),
    "something after the end": (PNG, lambda: image(PNG) + b"MZ", Flaw.DAMAGED),
    "a program after the end": (GIF, lambda: image(GIF) + b"*/alert(1)//", Flaw.DAMAGED),
    "an image and an archive": (PNG, lambda: with_archive(image(PNG)), Flaw.NOT_THAT_IMAGE),
    "a page of the web in a comment": (
        PNG,
        lambda: png(8, 8, zlib.compress(b"\0\0" * 8), chunk(b"tEXt", b"a\0<script>x</script>")),
        Flaw.NOT_THAT_IMAGE,
    ),
    "a hundred thousand pixels wide": (
        PNG,
        lambda: png(100_000, 100_000, zlib.compress(b"\0" * 9)),
        Flaw.TOO_MANY_PIXELS,
    ),
    "a narrow one": (PNG, lambda: png(100_000, 1, zlib.compress(b"\0")), Flaw.TOO_MANY_PIXELS),
    "an enormous GIF": (GIF, lambda: gif(65_535, 65_535), Flaw.TOO_MANY_PIXELS),
    "an animation": (GIF, animated, Flaw.ANIMATED),
}


@pytest.mark.parametrize(("media_type", "make", "flaw"), FLAWED.values(), ids=FLAWED.keys())
async def test_what_is_not_a_sound_and_still_image_is_refused(
    workers: PdfWorkers, media_type: str, make: Callable[[], bytes], flaw: Flaw
) -> None:
    with pytest.raises(UnreadableFigure) as refusal:
        await workers.look(make(), media_type)
    assert refusal.value.flaw is flaw
    assert (await workers.look(image(PNG), PNG)).width == 40


async def test_a_large_image_within_limits_is_read(workers: PdfWorkers) -> None:
    facts = await workers.look(image(PNG, (5_000, 4_000)), PNG)
    assert facts.width == 5_000
