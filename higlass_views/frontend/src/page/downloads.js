// Saves the present view: SVG, PNG, and the view config as JSON.

import { make } from "./element.js";

// Pixels of the PNG for one of the page: sharp in print and on dense screens.
const PNG_SCALE = 2;

export function saveSvg(viewer, name) {
  save(`${name}.svg`, new Blob([viewer.svg()], { type: "image/svg+xml" }));
}

export function saveJson(viewer, name) {
  const text = `${JSON.stringify(viewer.viewconf(), null, 2)}\n`;
  save(`${name}.json`, new Blob([text], { type: "application/json" }));
}

// Drawn from the SVG, so that both exports are the same picture; on white, for it has no ground of its own.
export async function savePng(viewer, name) {
  const address = URL.createObjectURL(new Blob([viewer.svg()], { type: "image/svg+xml" }));
  try {
    const image = new Image();
    image.src = address;
    await image.decode();
    const canvas = make("canvas", { width: image.width * PNG_SCALE, height: image.height * PNG_SCALE });
    const context = canvas.getContext("2d");
    context.fillStyle = "white";
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(image, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
    if (!blob) throw new Error("The view is too large for a PNG; save it as SVG");
    save(`${name}.png`, blob);
  } finally {
    URL.revokeObjectURL(address);
  }
}

function save(name, blob) {
  const link = make("a", { href: URL.createObjectURL(blob), download: name });
  link.click();
  // The browser reads it after the click; a minute is enough for the largest.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
