// Fills in where the telephone is, rounded to a hundredth of a degree (about a kilometre), and sends
// it in the body of a form: the exact place never leaves the telephone, and no address holds it.

const ROUNDING = 100;
const TIMEOUT_MS = 20_000;
const OLDEST_MS = 300_000;

const form = /** @type {HTMLFormElement | null} */ (document.querySelector("#position"));

/** @param {number} degrees */
function rounded(degrees) {
  return Math.round(degrees * ROUNDING) / ROUNDING;
}

/** @param {SubmitEvent} event */
function ask(event) {
  event.preventDefault();
  navigator.geolocation.getCurrentPosition(send, refuse, {
    timeout: TIMEOUT_MS,
    maximumAge: OLDEST_MS,
  });
}

/** @param {GeolocationPosition} position */
function send(position) {
  form.elements.namedItem("lat").value = String(rounded(position.coords.latitude));
  form.elements.namedItem("lon").value = String(rounded(position.coords.longitude));
  form.submit();
}

function refuse() {
  document.querySelector("#position-refused").hidden = false;
}

if (form && "geolocation" in navigator) {
  form.hidden = false;
  form.addEventListener("submit", ask);
}
