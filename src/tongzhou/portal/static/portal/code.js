// The code page: the camera fills in the field and sends the form, which works without any of it.

import { scanButton } from "./scanner.js";

const form = document.getElementById("form");
const field = document.getElementById("code");

scanButton({
  button: document.getElementById("scan"),
  box: document.getElementById("camera"),
  texts: JSON.parse(document.getElementById("words").textContent),
  found(text) {
    field.value = text;
    form.requestSubmit();
  },
});
document.getElementById("answer")?.focus();
