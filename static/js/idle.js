// Says two minutes before that the session is about to end, and clears the screen when it has.

const banner = document.querySelector("[data-idle-minutes]");
const stay = banner.querySelector("a");
const MINUTE = 60_000;
// The server notes a click at most once a minute: the session may end one minute sooner.
const lasts = Math.max(2, Number(banner.dataset.idleMinutes) - 1) * MINUTE;
let since = Date.now();

function look() {
  const left = since + lasts - Date.now();
  if (left <= 0) {
    location.assign(location.pathname); // the sign-in page says why, and leads back here
    return;
  }
  banner.hidden = left > 2 * MINUTE;
}

stay.addEventListener("click", async (event) => {
  event.preventDefault();
  const answer = await fetch(stay.href, { redirect: "manual" }).catch(() => null);
  if (answer === null) return;
  since = Date.now();
  look();
});
setInterval(look, 5000);
document.addEventListener("visibilitychange", look); // timers sleep while a telephone does
