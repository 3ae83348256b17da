// Passkeys: asks the server for a challenge, the browser for an answer, and sends the form.

const bytes = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");

async function ask(form) {
  const token = form.elements._csrf_token.value;
  const answer = await fetch(form.dataset.ask, {
    method: "POST",
    body: new URLSearchParams({ _csrf_token: token }),
  });
  if (!answer.ok) throw new Error("refused");
  const options = await answer.json();
  options.challenge = bytes(options.challenge);
  if (options.user) options.user.id = bytes(options.user.id);
  for (const list of [options.excludeCredentials, options.allowCredentials]) {
    for (const known of list ?? []) known.id = bytes(known.id);
  }
  return options;
}

async function answer(kind, options) {
  const made = await navigator.credentials[kind]({ publicKey: options });
  const response = { clientDataJSON: text(made.response.clientDataJSON) };
  for (const name of ["attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (made.response[name]) response[name] = text(made.response[name]);
  }
  return JSON.stringify({ id: made.id, rawId: text(made.rawId), type: made.type, response });
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!("PublicKeyCredential" in window)) continue;
  const problem = form.querySelector("[role=status]");
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    problem.hidden = true;
    try {
      form.elements.reponse.value = await answer(form.dataset.passkey, await ask(form));
    } catch {
      problem.hidden = false; // given up, or a device that is not known: the person decides
      return;
    }
    form.submit();
  });
}
