// A table that its reader keeps open: told of what changes, it moves nothing under a hand.

const bar = document.querySelector("[data-live]");
const button = bar.querySelector("button");
const table = document.querySelector("main tbody");
const region = table && table.closest("[role=region]");
const status = document.getElementById("annonce");
const MINUTE = 60_000;
const ASKED_EVERY = 20_000;

const waiting = new Map(); // rows that changed and are not shown yet, by id
let counts = [];
let again = false; // too many to be told of: the page is read again
let since = bar.dataset.since;
let source = null;
let asking = 0;
let over = false;
let unsaid = 0;
let lastSaid = 0;
let saying = 0;

const words = (n) => (n === 1 ? "1 mise à jour" : `${n} mises à jour`);

function say(which) {
  for (const one of bar.querySelectorAll("[data-said]")) one.hidden = one.dataset.said !== which;
}

// A screen reader hears of it once a minute at most.
function announce(n) {
  unsaid += n;
  if (!saying && unsaid) saying = setTimeout(speak, Math.max(0, lastSaid + MINUTE - Date.now()));
}

function speak() {
  status.textContent = `Suivi des envois : ${words(unsaid)}.`;
  unsaid = saying = 0;
  lastSaid = Date.now();
}

const held = () => region && (region.contains(document.activeElement) || region.matches(":hover"));

function shownAt(row) {
  const shown = waiting.get(row.id) || document.getElementById(row.id);
  return shown ? Number(shown.dataset.at) : 0;
}

function concerns(row) {
  const { voir, newest } = bar.dataset;
  return document.getElementById(row.id) || (newest !== undefined && (!voir || voir === row.dataset.group));
}

function take(html) {
  const parsed = document.createElement("template");
  parsed.innerHTML = html;
  const root = parsed.content.querySelector("[data-now]");
  if (!root) return;
  since = root.dataset.now;
  counts = [...root.querySelectorAll("[data-count]")];
  again ||= "more" in root.dataset;
  let fresh = 0;
  for (const row of root.querySelectorAll("tr")) {
    if (Number(row.dataset.at) <= shownAt(row)) continue;
    if (!concerns(row)) continue;
    if (!waiting.has(row.id)) fresh += 1;
    waiting.set(row.id, row);
  }
  announce(fresh);
  if (held() || !button.hidden || again || (waiting.size && !table)) offer();
  else show();
}

function offer() {
  if (!waiting.size && !again) return;
  button.lastElementChild.textContent = again ? "Beaucoup de mises à jour" : words(waiting.size);
  button.hidden = false;
}

function show() {
  for (const count of counts) {
    for (const shown of document.querySelectorAll(`nav [data-count="${count.dataset.count}"]`)) {
      shown.textContent = count.textContent;
    }
  }
  for (const [id, row] of waiting) {
    const shown = document.getElementById(id);
    if (!shown) {
      table.prepend(document.importNode(row, true));
      continue;
    }
    Object.assign(shown.dataset, row.dataset);
    [...row.cells].forEach((cell, n) => {
      if (shown.cells[n].innerHTML !== cell.innerHTML) shown.cells[n].innerHTML = cell.innerHTML;
    });
  }
  waiting.clear();
  button.hidden = true;
}

button.addEventListener("click", () => {
  if (again || !table) return location.reload();
  show();
  region.focus();
});

function end() {
  over = true;
  stop();
  say("over");
}

function stop() {
  if (source) source.close();
  source = null;
  clearInterval(asking);
  asking = 0;
}

async function ask() {
  const answer = await fetch(`${bar.dataset.asked}?depuis=${since}`, { redirect: "manual" }).catch(() => null);
  if (!answer) return;
  if (answer.type === "opaqueredirect" || answer.status === 403) end();
  else if (answer.status === 200) take(await answer.text());
}

function start() {
  if (over || document.hidden || source || asking) return;
  if (!window.EventSource) return fallBack();
  source = new EventSource(`${bar.dataset.live}?depuis=${since}`);
  source.addEventListener("open", () => say("told"));
  source.addEventListener("message", (event) => take(event.data));
  source.addEventListener("over", end);
  source.addEventListener("error", () => {
    // It comes back by itself, unless it was told no.
    if (source && source.readyState === EventSource.CLOSED) {
      stop();
      fallBack();
    }
  });
}

function fallBack() {
  say("asked");
  asking = setInterval(ask, ASKED_EVERY);
  ask();
}

document.addEventListener("visibilitychange", () => (document.hidden ? stop() : start()));
start();
