// What pages gain from JavaScript; everything works without it.

for (const button of document.querySelectorAll("[data-show-password]")) {
  const field = document.getElementById(button.dataset.showPassword);
  button.hidden = false;
  button.addEventListener("click", () => {
    const shown = field.type === "text";
    field.type = shown ? "password" : "text";
    button.textContent = shown ? "Afficher" : "Cacher";
  });
}

for (const button of document.querySelectorAll("[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    for (const fold of document.querySelectorAll("details.fold")) fold.open = true;
    window.print();
  });
}

// A page brought back by the browser may belong to a session that has ended: ask again.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

// The code of an SMS addressed to this site fills its field by itself.
const code = document.querySelector("input[autocomplete=one-time-code]");
if (code && "OTPCredential" in window) {
  const waiting = new AbortController();
  code.form.addEventListener("submit", () => waiting.abort());
  navigator.credentials
    .get({ otp: { transport: ["sms"] }, signal: waiting.signal })
    .then((otp) => { code.value = otp.code; })
    .catch(() => {});
}
