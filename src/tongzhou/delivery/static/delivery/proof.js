// What stands for a signature: lines drawn with a finger, or a photograph made small enough to send.

const LONGEST_SIDE = 1280;
const MOST_BYTES = 200 * 1024;
const MOST_POINTS = 700;

/** Lines on a canvas of 300 x 120, kept as a path of whole numbers. @param {HTMLCanvasElement} pad */
export function signaturePad(pad) {
  const pen = pad.getContext("2d");
  let points = [];
  let down = false;
  const draw = (event, letter) => {
    const box = pad.getBoundingClientRect();
    const x = Math.round(((event.clientX - box.left) / box.width) * 300);
    const y = Math.round(((event.clientY - box.top) / box.height) * 120);
    if (points.length < MOST_POINTS) points.push(`${letter}${x} ${y}`);
    if (letter === "M") pen.beginPath(), pen.moveTo(x, y);
    else pen.lineTo(x, y), pen.stroke();
  };
  pen.lineWidth = 2;
  pen.strokeStyle = getComputedStyle(pad).color;
  pad.onpointerdown = (event) => {
    pad.setPointerCapture(event.pointerId);
    down = true;
    draw(event, "M");
  };
  pad.onpointermove = (event) => down && draw(event, "L");
  pad.onpointerup = pad.onpointercancel = () => (down = false);
  return {
    path: () => (points.some((point) => point[0] === "L") ? points.join("") : ""),
    clear: () => {
      points = [];
      pen.clearRect(0, 0, 300, 120);
    },
  };
}

/** The picture as base64 JPEG of at most 200 KB, or nothing if it is none. @param {File} file */
export async function shrunk(file) {
  const image = await loaded(URL.createObjectURL(file));
  if (!image) return "";
  const scale = Math.min(1, LONGEST_SIDE / Math.max(image.naturalWidth, image.naturalHeight));
  const canvas = document.createElement("canvas");
  for (const part of [1, 0.7, 0.5, 0.35]) {
    canvas.width = Math.max(1, Math.round(image.naturalWidth * scale * part));
    canvas.height = Math.max(1, Math.round(image.naturalHeight * scale * part));
    canvas.getContext("2d").drawImage(image, 0, 0, canvas.width, canvas.height);
    for (const quality of [0.75, 0.5]) {
      const [, data] = canvas.toDataURL("image/jpeg", quality).split(",");
      if (data.length * 0.75 <= MOST_BYTES) return data;
    }
  }
  return "";
}

/** @param {string} url @returns {Promise<HTMLImageElement | null>} */
function loaded(url) {
  return new Promise((resolve) => {
    const image = new Image();
    image.onload = () => resolve(image);
    image.onerror = () => resolve(null);
    image.src = url;
  }).finally(() => URL.revokeObjectURL(url));
}
