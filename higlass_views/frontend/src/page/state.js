// What the page is doing, in words for people, and as an attribute of the document for scripts and tests:
// data-ready names the view that is drawn, data-failed is there when something failed.

import { byId } from "./element.js";

const root = document.documentElement;

// Sets the state, "busy" with a text or "ready" with the name of a view; returns the present one.
export function stateOf(state, text) {
  if (state) {
    delete root.dataset.ready;
    delete root.dataset.failed;
    byId("problem").hidden = true;
    byId("state").hidden = state !== "busy";
    byId("state").textContent = state === "busy" ? text : "";
    if (state === "ready") root.dataset.ready = text;
  }
  return root.dataset.ready ? "ready" : "busy";
}

// Shows the one line of an error; what is drawn stays.
export function fail(error) {
  byId("problem").textContent = error.message;
  byId("problem").hidden = false;
  byId("state").hidden = true;
  root.dataset.failed = "yes";
}

export function forget() {
  byId("problem").hidden = true;
  delete root.dataset.failed;
}
