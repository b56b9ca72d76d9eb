// Reads codes with the camera of the phone. The reader (zxing-wasm, 1 MB) is loaded when it is first
// asked for and never before; no picture leaves the phone.

const FORMATS = ["QRCode", "DataMatrix", "EAN13", "Code128"];
// A GS1 string comes as it is printed, (01)...(17)..., so that a person may compare it.
const OPTIONS = { formats: FORMATS, maxNumberOfSymbols: 1, textMode: "HRI", tryHarder: true };
const WIDEST = 1280;
const PAUSE_MS = 60;

let loading = null;

/**
 * The reader, loaded once. Scripts of other projects stay as they came: this one sets a global.
 * @param {{reader: string, wasm: string}} addresses
 */
export function loadReader({ reader, wasm }) {
  loading ||= loaded(reader)
    .then(() => {
      const { prepareZXingModule, readBarcodes } = globalThis.ZXingWASM;
      const overrides = { locateFile: () => wasm };
      return prepareZXingModule({ overrides, fireImmediately: true }).then(() => readBarcodes);
    })
    .catch((error) => {
      loading = null;
      throw error;
    });
  return loading;
}

function loaded(address) {
  return new Promise((resolve, reject) => {
    const script = document.createElement("script");
    script.src = address;
    script.onload = resolve;
    script.onerror = () => reject(new Error("the reader could not be loaded"));
    document.head.append(script);
  });
}

/**
 * The code in a picture, null where there is none that can be read.
 * @param {ImageData} image @returns {Promise<{text: string, format: string}|null>}
 */
export async function decode(readBarcodes, image) {
  // The reader looks along rows and columns: bars that lie slanted are met by half a quarter turn.
  return (await once(readBarcodes, image)) || once(readBarcodes, turned(image));
}

async function once(readBarcodes, image) {
  const [found] = await readBarcodes(image, OPTIONS);
  return found?.isValid && found.text ? { text: found.text, format: found.format } : null;
}

function turned(image) {
  const flat = canvasOf(image.width, image.height);
  flat.brush.putImageData(image, 0, 0);
  const side = Math.ceil((image.width + image.height) * Math.SQRT1_2);
  const { brush } = canvasOf(side, side);
  // What lies outside the picture is as bright as its middle: a black rim would look like bars.
  brush.fillStyle = "#808080";
  brush.fillRect(0, 0, side, side);
  brush.translate(side / 2, side / 2);
  brush.rotate(Math.PI / 4);
  brush.drawImage(flat.canvas, -image.width / 2, -image.height / 2);
  return brush.getImageData(0, 0, side, side);
}

function canvasOf(width, height) {
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  return { canvas, brush: canvas.getContext("2d", { willReadFrequently: true }) };
}

/** Whether this browser can show a camera at all: it takes https, and a browser that has one. */
export const hasCamera = () => !!navigator.mediaDevices?.getUserMedia;

/**
 * Look through the camera until a code is read or the signal ends it; null where it was ended.
 * @param {HTMLVideoElement} video @param {AbortSignal} signal
 */
export async function scan(video, addresses, signal) {
  const reading = loadReader(addresses);
  reading.catch(() => {});
  const wanted = { facingMode: "environment", width: { ideal: WIDEST } };
  const stream = await navigator.mediaDevices.getUserMedia({ video: wanted });
  try {
    video.srcObject = stream;
    await video.play();
    const readBarcodes = await reading;
    return await firstCode(video, readBarcodes, signal);
  } finally {
    for (const track of stream.getTracks()) track.stop();
    video.srcObject = null;
  }
}

async function firstCode(video, readBarcodes, signal) {
  const { canvas, brush } = canvasOf(1, 1);
  // One look a picture, straight and turned in turns: a slow phone stays quick to answer.
  for (let n = 0; !signal.aborted; n += 1) {
    if (video.videoWidth) {
      const image = frame(video, canvas, brush);
      const found = await once(readBarcodes, n % 2 ? turned(image) : image);
      if (found && !signal.aborted) return found;
    }
    await new Promise((resume) => setTimeout(resume, PAUSE_MS));
  }
  return null;
}

function frame(video, canvas, brush) {
  const scale = Math.min(1, WIDEST / video.videoWidth);
  canvas.width = Math.round(video.videoWidth * scale);
  canvas.height = Math.round(video.videoHeight * scale);
  brush.drawImage(video, 0, 0, canvas.width, canvas.height);
  return brush.getImageData(0, 0, canvas.width, canvas.height);
}

/**
 * Let a button open the camera below it; `found` gets the text of the code that was read.
 * @param {{button: HTMLElement, box: HTMLElement, texts: object, found: (text: string) => void}} parts
 */
export function scanButton({ button, box, texts, found }) {
  const [video, said, stop] = ["video", "[role=status]", "button"].map((s) => box.querySelector(s));
  let ending = null;
  button.hidden = !hasCamera();
  stop.onclick = () => ending?.abort();
  button.onclick = async () => {
    ending?.abort();
    const mine = (ending = new AbortController());
    box.hidden = false;
    said.textContent = texts.aim;
    stop.hidden = false;
    try {
      const code = await scan(video, button.dataset, mine.signal);
      box.hidden = true;
      if (code) found(code.text);
      else button.focus();
    } catch (error) {
      stop.hidden = true;
      said.textContent = error.name === "NotAllowedError" ? texts.denied : texts.failed;
    }
  };
}
