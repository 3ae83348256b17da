// Reads a carte Vitale through the connector of this machine, and posts its answer as it came.

const form = document.querySelector("form[data-vitale]");
const reading = form.querySelector("[data-reading]");
const problem = form.querySelector("[data-problem]");
const SECONDS = 15; // somebody puts the card in

async function read() {
  const answer = await fetch(form.dataset.vitale, {
    credentials: "omit",
    cache: "no-store",
    referrerPolicy: "no-referrer",
    signal: AbortSignal.timeout(SECONDS * 1000),
  });
  if (!answer.ok) throw new Error(form.dataset[answer.status] ?? form.dataset.silence);
  return answer.text();
}

form.hidden = false;
document.querySelector("[data-without]").hidden = true;
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (!reading.hidden) return; // the button keeps the focus, which a disabled one would lose
  reading.hidden = false;
  problem.hidden = true;
  try {
    form.elements.lecture.value = await read();
    form.submit();
  } catch (failure) {
    const ours = Object.values(form.dataset).includes(failure.message);
    problem.lastElementChild.textContent = ours ? failure.message : form.dataset.silence;
    problem.hidden = false;
    reading.hidden = true;
  }
});
