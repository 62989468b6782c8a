// Buttons, the position box and keys.

import { hideElement } from "./details.js";
import { saveJson, savePng, saveSvg } from "./downloads.js";
import { byId } from "./element.js";
import { fail, forget } from "./state.js";

export function connectControls(page) {
  const { viewer } = page;
  onClick("zoom-in", () => page.zoom(1 / 2));
  onClick("zoom-out", () => page.zoom(2));
  onClick("zoom-reset", () => viewer.goTo(page.home));
  onClick("export-svg", () => saveSvg(viewer, page.fileName));
  onClick("export-png", () => savePng(viewer, page.fileName));
  onClick("export-json", () => saveJson(viewer, page.fileName));
  byId("place-form").addEventListener("submit", (event) => {
    event.preventDefault();
    told(async () => {
      byId("place").blur();
      await page.goTo(byId("place").value);
    });
  });
  document.addEventListener("keydown", onKey);
  window.addEventListener("popstate", () => page.restore());
}

function onClick(id, act) {
  byId(id).addEventListener("click", () => told(act));
}

// Does something; what fails is shown on the page.
async function told(act) {
  forget();
  try {
    await act();
  } catch (error) {
    fail(error);
  }
}

// The search box has keys of its own (geneTable.js).
function onKey(event) {
  const typing = event.target.closest?.("input, textarea, select");
  if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    byId("gene-panel").open = true;
    byId("search").focus();
    byId("search").select();
  } else if (event.key === "Escape" && typing?.id !== "search") {
    hideElement();
    typing?.blur();
  }
}
