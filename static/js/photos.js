// A photo that is too heavy is drawn smaller before it is sent, and the page says so.

const input = document.querySelector("input[data-lighten]");
const say = (words) => { document.querySelector("[data-lightened]").textContent = words; };
const weight = (file) => `${(file.size / 1e6).toFixed(1).replace(".", ",")} Mo`;
const isHeavy = (file, room) => file.size > room && /\.(jpe?g|png|hei[cf])$/i.test(file.name);
let work = null; // what is being drawn: a new choice of files takes its place

async function lighter(file, room) {
  const picture = await createImageBitmap(file);
  for (const edge of [2600, 2000, 1600]) {
    const scale = Math.min(1, edge / Math.max(picture.width, picture.height));
    const canvas = document.createElement("canvas");
    canvas.width = picture.width * scale;
    canvas.height = picture.height * scale;
    const brush = canvas.getContext("2d", { alpha: false });
    brush.fillStyle = "#fff"; // what is transparent would be black
    brush.fillRect(0, 0, canvas.width, canvas.height);
    brush.drawImage(picture, 0, 0, canvas.width, canvas.height);
    const made = await new Promise((done) => { canvas.toBlob(done, "image/jpeg", 0.8); });
    if (made.size <= room) return new File([made], file.name.replace(/\w+$/, "jpg"));
  }
  throw file;
}

async function lighten(files, room, wanted) {
  const kept = new DataTransfer();
  const words = [];
  for (const file of files) {
    let sent = file;
    if (isHeavy(file, room)) {
      try {
        sent = await lighter(file, room);
        words.push(`${file.name} pesait ${weight(file)}, et pèse ${weight(sent)}.`);
      } catch {
        words.push(`${file.name} est trop lourde. Faites-en une capture d’écran.`);
      }
    }
    kept.items.add(sent);
  }
  if (!wanted()) return;
  input.files = kept.files;
  work = null;
  say(words.join(" "));
}

input?.addEventListener("change", () => {
  const files = [...input.files];
  const room = Math.min(5e6, 2e7 / files.length); // of each, and of all of them
  work = null;
  say("");
  if (!files.some((file) => isHeavy(file, room))) return;
  say("Photo lourde : nous la réduisons…");
  const mine = lighten(files, room, () => work === mine);
  work = mine;
});

// Sent while it is being drawn, the form leaves as soon as it is.
input?.form.addEventListener("submit", (event) => {
  if (!work) return;
  event.preventDefault();
  work.then(() => input.form.submit());
});
