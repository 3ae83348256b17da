// The code of a link stands after its #, where no server sees it: it fills its field, then goes.
const field = document.querySelector("[data-from-address]");
if (location.hash) {
  field.value = decodeURIComponent(location.hash.slice(1));
  history.replaceState(null, "", location.pathname);
}
