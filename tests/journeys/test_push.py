"""A browser asks to be told, is told, and has nothing of anybody’s when there is no network."""

import json
from typing import Any

from playwright.sync_api import Browser, StorageState, expect

from tests.journeys.conftest import leave

PAGE = "/compte/notifications"
SERVICE = """
PushManager.prototype.subscribe = async ({ applicationServerKey }) => ({ toJSON: () => ({
  endpoint: "https://fcm.googleapis.com/fcm/send/essai",
  keys: {
    p256dh: btoa(String.fromCharCode(...applicationServerKey))
      .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", ""),
    auth: "BTBZMqHH6r4Tts7J_aSIgg",
  },
}) })
"""
"""What the browser’s own service answers, which nobody reaches from here."""
SHOWN = """
async () => {
  const worker = await navigator.serviceWorker.ready
  for (let tries = 0; tries < 300; tries++) {
    const shown = await worker.getNotifications()
    if (shown.length) return shown.map(({ title, body }) => [title, body])
    await new Promise((go) => setTimeout(go, 50))
  }
  return []
}
"""
KEPT = """
async () => {
  const [name] = await caches.keys()
  return (await (await caches.open(name)).keys()).map(({ url }) => new URL(url).pathname)
}
"""


def test_a_browser_is_told(
    browser: Browser,
    browser_context_args: dict[str, Any],
    base_url: str,
    signed_in: dict[str, StorageState],
) -> None:
    context = browser.new_context(**browser_context_args, storage_state=signed_in["laura.bernard"])
    context.grant_permissions(["notifications"], origin=base_url)
    page = context.new_page()
    page.add_init_script(SERVICE)
    page.goto(f"{base_url}{PAGE}")
    page.get_by_role("button", name="Prévenir cet appareil").click()
    expect(page.get_by_text("Cet appareil est prévenu.")).to_be_visible()

    devtools = context.new_cdp_session(page)
    found: list[str] = []
    devtools.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda event: found.extend(one["registrationId"] for one in event["registrations"]),
    )
    devtools.send("ServiceWorker.enable")
    page.wait_for_function("navigator.serviceWorker.controller !== null")
    told = {"title": "Repères", "body": "Vous avez un nouveau document."}
    devtools.send(
        "ServiceWorker.deliverPushMessage",
        {"origin": base_url, "registrationId": found[0], "data": json.dumps(told)},
    )
    assert page.evaluate(SHOWN) == [list(told.values())]

    page.goto(base_url)
    kept = page.evaluate(KEPT)
    assert {path for path in kept if not path.startswith("/static/")} == {"/hors-ligne"}
    context.set_offline(True)
    page.goto(f"{base_url}/documents")
    expect(page.get_by_role("heading", level=1)).to_have_text("Pas de connexion")
    context.set_offline(False)
    page.goto(f"{base_url}{PAGE}")
    page.get_by_role("button", name="Ne plus prévenir mes appareils").click()
    expect(page.get_by_text("Vos appareils ne sont plus prévenus.")).to_be_visible()
    leave(context)
