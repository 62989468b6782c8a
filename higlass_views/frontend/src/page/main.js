// Starts the page: asks the server what there is, and shows what the address names.

import "./page.css";

import { connectControls } from "./controls.js";
import { byId } from "./element.js";
import { Page } from "./page.js";
import { getJson, watchTiles } from "./requests.js";
import { fail } from "./state.js";

try {
  const [about, genes] = await Promise.all([getJson("api/page.json"), getJson("api/genes.json")]);
  const page = new Page(about, genes);
  connectControls(page);
  watchTiles(fail);
  // For the browser's console, and for scripts.
  window.seq2exp = page;
  await page.restore();
} catch (error) {
  byId("run-names").textContent = "seq2exp-tracks";
  fail(error);
}
