// Says two minutes before that the session is about to end, and clears the screen when it has.
// It asks for nothing while the session may still live: that would be a click that nobody made.

const banner = document.querySelector("[data-idle-minutes]");
const stay = banner.querySelector("a");
const MINUTE = 60_000;
// The server notes a click at most once a minute: the session ends in the minute after this.
const lasts = Math.max(2, Number(banner.dataset.idleMinutes) - 1) * MINUTE;
let since = Date.now();

function look() {
  const left = since + lasts - Date.now();
  banner.hidden = left > 2 * MINUTE;
  document.body.hidden = left <= 0;
  if (left <= -MINUTE - 5000) again();
}

function again() {
  location.assign(location.pathname); // the sign-in page says why, and leads back here
}

stay.addEventListener("click", async (event) => {
  event.preventDefault();
  const answer = await fetch(stay.href, { redirect: "manual" }).catch(() => null);
  if (answer === null) return;
  since = Date.now();
  look();
});
for (const touch of ["pointerdown", "keydown"]) {
  addEventListener(touch, () => document.body.hidden && again()); // somebody is there after all
}
setInterval(look, 5000);
document.addEventListener("visibilitychange", look); // timers sleep while a telephone does
