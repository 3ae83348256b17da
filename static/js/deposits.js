// Files dropped on the frame are sent at once; beside it, they must not replace the page.

const zone = () => document.querySelector("[data-drop]");

function say(words) {
  const said = zone().querySelector("[role=status]");
  if (said.textContent !== words) said.textContent = words;
}

function carried(event) {
  const files = zone() && event.dataTransfer.types.includes("Files");
  if (files) event.preventDefault();
  return files;
}

function send(form, field) {
  const bar = zone().querySelector("progress");
  const request = new XMLHttpRequest();
  request.open("POST", form.action);
  request.responseType = "document";
  request.upload.onprogress = (event) => { bar.value = event.loaded / event.total; };
  request.onload = () => show(form.action, request);
  request.onerror = () => {
    bar.hidden = !(field.disabled = false);
    say("Envoi interrompu. Réessayez avec « Contrôler ».");
  };
  request.send(new FormData(form));
  bar.hidden = !(field.disabled = true);
  say("Envoi en cours…");
}

function show(from, { response, responseURL }) {
  const main = response?.querySelector("main");
  if (responseURL !== from || !main) return location.assign(responseURL);
  document.title = response.title;
  document.querySelector("main").replaceWith(main);
  const first = main.querySelector("[role=alert]") ?? main.querySelector("h1");
  first.tabIndex = -1;
  first.focus();
}

function hover(inside) {
  say(zone().classList.toggle("is-over", inside) ? "Déposez ici" : "");
}

document.addEventListener("dragover", (event) => {
  if (carried(event)) hover(zone().contains(event.target));
});
document.addEventListener("dragleave", (event) => {
  if (zone() && !event.relatedTarget) hover(false);
});
document.addEventListener("drop", (event) => {
  if (!carried(event)) return;
  hover(false);
  const field = zone().querySelector("input[type=file]");
  if (!zone().contains(event.target) || field.disabled) return;
  field.files = event.dataTransfer.files;
  send(field.form, field);
});
