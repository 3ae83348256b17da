"""Nadia’s telephone takes photos of more than 5 MB: they are made smaller before they leave."""

from io import BytesIO
from pathlib import Path
from random import Random
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from tests.journeys.conftest import leave, sign_in
from tests.journeys.test_screens import check

ADD = "/ajouter-un-document"
SIZE = (3600, 2700)
ORIENTATION = 0x0112


@pytest.fixture(scope="module")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """As heavy as those of today: it is full of detail."""
    seen = Image.frombytes("RGB", SIZE, Random(5).randbytes(3 * SIZE[0] * SIZE[1]))
    out = BytesIO()
    turned = Image.Exif()
    turned[ORIENTATION] = 6  # the telephone was held upright
    seen.save(out, "JPEG", quality=90, exif=turned)
    path = tmp_path_factory.mktemp("photos") / "ordonnance.jpeg"
    path.write_bytes(out.getvalue())
    assert path.stat().st_size > 5_000_000
    return path


def choose(page: Page, url: str, photo: Path) -> None:
    page.goto(f"{url}{ADD}")
    page.get_by_label("Titre").fill("Ordonnance du Dr Petit")
    page.get_by_label("Catégorie").select_option("ordonnance")
    page.get_by_label("Photo ou fichier").set_input_files(photo)


def test_a_heavy_photo_is_made_smaller_or_the_page_says_how(
    browser: Browser, browser_context_args: dict[str, Any], own_url: str, photo: Path
) -> None:
    context = browser.new_context(**browser_context_args)
    page = context.new_page()
    sign_in(page, own_url, "nadia.cherif")
    choose(page, own_url, photo)
    expect(page.get_by_role("status").filter(has_text="ordonnance.jpeg pesait")).to_be_visible()
    name, size = page.locator("#fichiers").evaluate("one => [one.files[0].name, one.files[0].size]")
    assert name == "ordonnance.jpg"
    assert 0 < size <= 5_000_000
    wide, high = page.locator("#fichiers").evaluate(
        "one => createImageBitmap(one.files[0]).then(seen => [seen.width, seen.height])"
    )
    assert wide < high <= 2600
    check(page, "photo-reduite", "light")
    page.get_by_role("button", name="Ajouter ce document").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ordonnance du Dr Petit")

    choose(page, own_url, photo)
    page.get_by_role("button", name="Ajouter ce document").click()  # before it is drawn
    expect(page.get_by_role("heading", level=1)).to_have_text("Ordonnance du Dr Petit")

    state = context.storage_state()
    plain = browser.new_context(
        **browser_context_args, java_script_enabled=False, storage_state=state
    )
    without = plain.new_page()
    choose(without, own_url, photo)
    without.get_by_role("button", name="Ajouter ce document").click()
    expect(without.get_by_text("Faites-en une capture d’écran").first).to_be_visible()
    expect(without.get_by_label("Titre")).to_have_value("Ordonnance du Dr Petit")
    leave(plain)
    leave(context)
