// The service worker: static files and one page for when there is no network. Pages are never kept.
// The server puts NAME (of this version) and FILES before this text.

const OFFLINE = "/hors-ligne";

self.addEventListener("install", (event) => {
  const kept = [...FILES, new Request(OFFLINE, { credentials: "omit" })];
  event.waitUntil(caches.open(NAME).then((cache) => cache.addAll(kept)).then(self.skipWaiting()));
});

self.addEventListener("activate", (event) => {
  const forget = async () => {
    for (const name of await caches.keys()) if (name !== NAME) await caches.delete(name);
    await self.clients.claim();
  };
  event.waitUntil(forget());
});

self.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.mode === "navigate") {
    event.respondWith(fetch(request).catch(() => caches.match(OFFLINE)));
  } else if (FILES.includes(new URL(request.url).pathname)) {
    event.respondWith(caches.match(request).then((kept) => kept ?? fetch(request)));
  }
});

self.addEventListener("push", (event) => {
  const { title, body } = event.data?.json() ?? { title: "Repères", body: "Un message vous attend." };
  const how = { body, lang: "fr", tag: "reperes", renotify: true, icon: ICON };
  event.waitUntil(self.registration.showNotification(title, how));
});

self.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const open = async () => {
    const [page] = await self.clients.matchAll({ type: "window", includeUncontrolled: true });
    if (!page) return self.clients.openWindow("/");
    await page.focus();
    return page.navigate("/");
  };
  event.waitUntil(open());
});
