// What the page says of its runs: names, model, genome, what is not shown, files; and the legend of a view.

import { byId, facts, make } from "./element.js";
import { basePairs, bytes, whole } from "./numbers.js";

const MERGE = { max: "largest of the windows", mean: "mean of the windows", nearest: "window of the nearest TSS" };

export function showRuns({ runs, missing, files }) {
  const headings = runs.map((run) => run.heading).join(" and ");
  document.title = `${headings} – seq2exp-tracks`;
  byId("run-names").textContent = headings;
  byId("run-facts").replaceChildren(...facts([
    ["Model", same(runs, (run) => `${run.setting} mask`)],
    ["Window", same(runs, (run) => basePairs(run.window))],
    ["Genome", same(runs, (run) => run.genome)],
    ["Genes", same(runs, (run) => whole(run.n_genes))],
    ["Where windows overlap", same(runs, (run) => MERGE[run.merge] ?? run.merge)],
  ]));
  showLines("missing", missing);
  showLines("notes", runs.flatMap((run) => run.notes.map((note) => (runs.length > 1 ? `${run.name}: ${note}` : note))));
  showLines("files", files.map(({ title, url, bytes: size }) => [make("a", { href: url, download: "" }, title), ` ${bytes(size)}`]));
  for (const panel of ["missing", "notes"]) byId(panel).open = true;
}

// What several runs have in common is explained once.
export function showLegend(legend, runs) {
  const prefix = (title) => runs.map(({ name }) => `${name}: `).find((one) => title.startsWith(one)) ?? "";
  const common = new Map();
  for (const entry of legend) {
    const title = entry.title.slice(prefix(entry.title).length);
    common.set(`${title} ${entry.color}`, { ...entry, title });
  }
  const entries = [...common.values()].map(({ title, color, unit }) => {
    const swatch = make("span", { class: "swatch", "aria-hidden": "true" });
    swatch.style.background = color;
    return make("li", {}, swatch, title, unit ? make("span", { class: "faint" }, ` ${unit}`) : "");
  });
  byId("legend").replaceChildren(...entries);
}

// One value where all runs agree, else one a run.
function same(runs, valueOf) {
  return [...new Set(runs.map(valueOf))].join(" · ");
}

function showLines(id, lines) {
  const panel = byId(id);
  panel.hidden = lines.length === 0;
  panel.querySelector("ul").replaceChildren(...lines.map((line) => make("li", {}, ...[line].flat())));
}
