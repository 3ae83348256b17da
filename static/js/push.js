// Asks the browser to be told, and gives the server the address that the browser answers.

const form = document.querySelector("form[data-push]");
const denied = document.querySelector("[data-push-denied]");
const problem = document.querySelector("[data-push-problem]");

const bytes = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));

async function subscribe() {
  await navigator.serviceWorker.register("/sw.js");
  const { pushManager } = await navigator.serviceWorker.ready;
  const key = { userVisibleOnly: true, applicationServerKey: bytes(form.dataset.push) };
  return JSON.stringify(await pushManager.subscribe(key));
}

if ("serviceWorker" in navigator && "PushManager" in window) {
  denied.hidden = Notification.permission !== "denied";
  form.hidden = !denied.hidden;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    problem.hidden = true;
    if ((await Notification.requestPermission()) !== "granted") {
      denied.hidden = false;
      return;
    }
    try {
      form.elements.abonnement.value = await subscribe();
    } catch {
      problem.hidden = false; // the browser’s own service does not answer
      return;
    }
    form.submit();
  });
}
