// What is known of the selected gene, and of the element that was clicked.

import { byId, facts, make } from "./element.js";
import { basePairs, decimal, whole } from "./numbers.js";

// What is shown of a flag in the table, and what it means.
const FLAGS = {
  padded: ["padded", "window reaches over an end of the chromosome"],
  features_imputed: ["imputed", "some features were not known and filled in"],
  no_features: ["no features", "all features were filled in"],
  no_contacts: ["no Hi-C", "no contacts of its TSS were given"],
  tss_off_chromosome: ["off chromosome", "TSS lies off the chromosome"],
  implausible: ["implausible", "no expression is as high: something is on another scale than in the training"],
};

export function shortFlags(flags) {
  return flags.map((flag) => FLAGS[flag]?.[0] ?? flag).join(", ");
}

// By their names in the files, one line each.
export function explainedFlags(flags) {
  return flags.map((flag) => (FLAGS[flag] ? `${flag}: ${FLAGS[flag][1]}` : flag)).join("\n");
}

// The numbers of a gene: every column of the gene table that is no name or place.
export function showGene(row, genes) {
  const names = new Set(["gene_id", "gene_name", "chrom", "tss", "strand", "flags"]);
  const numbers = genes.columns.filter(({ id }) => !names.has(id)).map(({ id, title, unit }) => {
    const value = genes.value(row, id);
    const text = typeof value === "number" && !Number.isInteger(value) ? decimal(value) : value;
    return [title, value === null ? "not known" : `${text}${unit && id !== "n_elements" ? ` ${unit}` : ""}`];
  });
  const flags = [genes.value(row, "flags") ?? []].flat();
  const [name, id] = [genes.value(row, "gene_name"), genes.value(row, "gene_id")];
  const strand = genes.value(row, "strand") === "-" ? "− strand" : "+ strand";
  byId("gene").replaceChildren(
    make("h2", {}, name),
    make("dl", {}, ...facts([
      ["Id", id === name ? null : id],
      ["TSS", `${genes.value(row, "chrom")}:${whole(genes.value(row, "tss"))}, ${strand}`],
      ...numbers,
      ["Remarks", flags.map((flag) => FLAGS[flag]?.[1] ?? flag).join("; ")],
    ])),
  );
  byId("gene").hidden = false;
}

export function hideGene() {
  byId("gene").hidden = true;
}

// An element and its gene; `onGene(id)` opens the gene, `onClose()` puts the panel away.
export function showElement(element, onGene, onClose) {
  const panel = byId("element");
  const side = element.distance === 0 ? "holds the TSS" : element.distance < 0 ? "upstream" : "downstream";
  panel.replaceChildren(
    make("h2", {}, `Element ${element.name}`),
    make("button", { type: "button", class: "close", "aria-label": "Close", onclick: onClose }, "×"),
    make("dl", {}, ...facts([
      ["Gene", make("button", { type: "button", class: "link", title: element.geneId, onclick: () => onGene(element.geneId) }, element.geneName ?? element.geneId)],
      ["Place", `${element.chrom}:${whole(element.start + 1)}-${whole(element.end)} (${basePairs(element.end - element.start)})`],
      ["Score", `${decimal(element.meanScore, 3)} (mean learned mask)`],
      ["Standard deviation", element.sd === null ? null : decimal(element.sd, 3)],
      ["Distance from TSS", element.distance === null ? null : element.distance === 0 ? side : `${basePairs(Math.abs(element.distance))} ${side}`],
      ["Contact with TSS", element.contact === null ? null : `${decimal(element.contact, 2)} log10(1 + contact)`],
      ["Class", element.kind],
    ])),
  );
  panel.hidden = false;
}

export function hideElement() {
  byId("element").hidden = true;
}
