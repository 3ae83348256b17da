// Files let go of on the frame of the form are sent at once, and the way is shown. Everything else
// is the form’s own: its field, its button, its answer.

const zone = () => document.querySelector("[data-drop]");
const withFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");

function say(words) {
  zone().querySelector("[role=status]").textContent = words;
}

function over(event) {
  if (!withFiles(event) || !zone()) return;
  event.preventDefault(); // a file let go of beside the frame would take the place of the page
  const inside = zone().contains(event.target);
  zone().classList.toggle("is-over", inside);
  event.dataTransfer.dropEffect = inside ? "copy" : "none";
}

function leave(event) {
  if (event.relatedTarget === null) zone()?.classList.remove("is-over");
}

function drop(event) {
  if (!withFiles(event) || !zone()) return;
  event.preventDefault();
  zone().classList.remove("is-over");
  const field = zone().querySelector("input[type=file]");
  if (!zone().contains(event.target) || field.disabled) return;
  field.files = event.dataTransfer.files;
  if (field.files.length) send(field.form, field);
}

function send(form, field) {
  const bar = zone().querySelector("progress");
  const count = field.files.length;
  const request = new XMLHttpRequest();
  request.open("POST", form.action);
  request.responseType = "document";
  request.upload.addEventListener("progress", (event) => {
    if (event.lengthComputable) bar.value = event.loaded / event.total;
  });
  request.upload.addEventListener("load", () => {
    bar.removeAttribute("value"); // sent; how long they are looked at is not known
    say("Contrôle en cours…");
  });
  request.addEventListener("load", () => answered(form, request));
  request.addEventListener("error", () => {
    field.disabled = false;
    bar.hidden = true;
    say("L’envoi n’a pas abouti. Vos fichiers sont toujours choisis : réessayez avec « Contrôler ».");
  });
  request.send(new FormData(form));
  field.disabled = true;
  bar.value = 0;
  bar.hidden = false;
  say(count > 1 ? `Envoi de ${count} fichiers…` : "Envoi du fichier…");
}

function answered(form, request) {
  const main = request.response?.querySelector("main");
  if (request.responseURL !== form.action || !main) {
    location.assign(main ? request.responseURL : form.action);
    return;
  }
  document.title = request.response.title;
  document.querySelector("main").replaceWith(main);
  const first = main.querySelector("[role=alert], #attente") ?? main.querySelector("h1");
  first.tabIndex = -1;
  first.focus();
}

document.addEventListener("dragover", over);
document.addEventListener("dragleave", leave);
document.addEventListener("drop", drop);
