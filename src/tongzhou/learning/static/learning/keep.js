// Hands the opened page to the worker, which lets it be read again without a network.

const html = `<!doctype html>${document.documentElement.outerHTML}`;
const said = document.getElementById("kept");
const workers = navigator.serviceWorker;

if (workers && said) {
  workers.addEventListener("message", ({ data }) => {
    said.hidden = !data.kept;
  });
  workers
    .register("/guides/sw.js")
    .then(() => workers.ready)
    .then((ready) => ready.active.postMessage({ url: location.href, html }))
    .catch(() => {});
}
