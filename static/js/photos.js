// A photo that is too heavy is drawn smaller before it is sent, and the page says so.

const MOST = 5_000_000;
const TOGETHER = 20_000_000;
const EDGES = [2600, 2000, 1600];
const QUALITIES = [0.85, 0.7];

const input = document.querySelector("input[data-lighten]");
const said = document.querySelector("[data-lightened]");
let work = null; // what is being drawn: a new choice of files takes its place

const megabytes = (size) => `${(size / 1e6).toFixed(1).replace(".", ",")} Mo`;
const isPhoto = (file) => /^image\/(jpeg|png|hei[cf]|webp)$/.test(file.type)
  || /\.(jpe?g|png|hei[cf])$/i.test(file.name);

function say(words) {
  said.textContent = words;
}

async function drawn(bitmap, edge, quality) {
  const scale = Math.min(1, edge / Math.max(bitmap.width, bitmap.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(bitmap.width * scale);
  canvas.height = Math.round(bitmap.height * scale);
  const brush = canvas.getContext("2d");
  brush.fillStyle = "#fff"; // what is transparent would be black
  brush.fillRect(0, 0, canvas.width, canvas.height);
  brush.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return new Promise((done) => { canvas.toBlob(done, "image/jpeg", quality); });
}

async function lighter(file, most) {
  const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
  try {
    for (const edge of EDGES) {
      for (const quality of QUALITIES) {
        const made = await drawn(bitmap, edge, quality);
        if (made && made.size <= most) {
          return new File([made], file.name.replace(/\.[^.]*$/, "") + ".jpg", { type: made.type });
        }
      }
    }
  } finally {
    bitmap.close();
  }
  return null;
}

const room = (files) => Math.min(MOST, Math.floor(TOGETHER / files.length));

async function lighten(files, stillWanted) {
  const most = room(files);
  const kept = new DataTransfer();
  const words = [];
  for (const file of files) {
    const heavy = file.size > most && isPhoto(file);
    const made = heavy ? await lighter(file, most).catch(() => null) : null;
    kept.items.add(made ?? file);
    if (made) {
      words.push(`${file.name} pesait ${megabytes(file.size)}, et pèse ${megabytes(made.size)}.`);
    } else if (heavy) {
      words.push(`${file.name} est trop lourde, et nous n’avons pas pu la réduire. `
        + "Faites-en une capture d’écran, puis choisissez cette image.");
    }
  }
  if (!stillWanted()) return;
  input.files = kept.files;
  say(words.join(" "));
}

input?.addEventListener("change", () => {
  const files = [...input.files];
  work = null;
  say("");
  if (!files.some((file) => file.size > room(files) && isPhoto(file))) return;
  say("Photo lourde : nous la réduisons avant l’envoi…");
  const mine = lighten(files, () => work === mine).finally(() => { if (work === mine) work = null; });
  work = mine;
});

// Sent while it is being drawn, the form leaves as soon as it is.
input?.form.addEventListener("submit", (event) => {
  if (!work) return;
  event.preventDefault();
  work.then(() => input.form.submit());
});
