// The table of genes: only the rows in sight are in the document, so that 18,000 genes scroll without stutter.

import { explainedFlags, shortFlags } from "./details.js";
import { byId, make } from "./element.js";
import { decimal, whole } from "./numbers.js";

const ROW_HEIGHT = 26; // as in page.css
const SPARE = 12; // rows drawn beyond the edges

export class GeneTable {
  // `onChoose(row)` is called when a gene is clicked, or taken by Enter.
  constructor(genes, onChoose) {
    this.genes = genes;
    this.onChoose = onChoose;
    this.active = 0; // rank, among those found, of the row that Enter takes
    this.selectedId = null;
    this.columns = shownColumns(genes);
    this.box = byId("gene-rows");
    this.head = make("thead");
    this.body = make("tbody");
    byId("genes").append(this.head, this.body);
    this.#drawHead();
    this.box.addEventListener("scroll", () => this.#drawRows(), { passive: true });
    new ResizeObserver(() => this.#drawRows()).observe(this.box);
    this.#connectSearch(byId("search"));
    this.update();
  }

  // Draws anew what was found, from the top.
  update() {
    this.active = 0;
    this.box.scrollTop = 0;
    const [some, all] = [this.genes.found.length, this.genes.rows.length];
    byId("gene-count").textContent =
      some === all ? `${whole(all)} genes` : `${whole(some)} of ${whole(all)} genes`;
    this.#drawRows();
  }

  // Marks the gene that the viewer shows, and brings it into sight.
  select(geneId) {
    this.selectedId = geneId;
    const rank = this.genes.found.findIndex((row) => this.genes.value(row, "gene_id") === geneId);
    if (rank >= 0) this.#moveTo(rank);
    else this.#drawRows();
  }

  #connectSearch(input) {
    input.addEventListener("input", () => {
      this.genes.search(input.value);
      this.update();
    });
    input.addEventListener("keydown", (event) => {
      if (event.key === "ArrowDown") this.#moveTo(this.active + 1);
      else if (event.key === "ArrowUp") this.#moveTo(this.active - 1);
      else if (event.key === "Enter" && this.genes.found[this.active]) this.onChoose(this.genes.found[this.active]);
      else if (event.key === "Escape") input.blur();
      else return;
      event.preventDefault();
    });
  }

  #moveTo(rank) {
    this.active = Math.max(0, Math.min(rank, this.genes.found.length - 1));
    const top = this.active * ROW_HEIGHT;
    const room = this.box.clientHeight - this.head.offsetHeight - ROW_HEIGHT;
    if (top < this.box.scrollTop) this.box.scrollTop = top;
    if (top > this.box.scrollTop + room) this.box.scrollTop = top - room;
    this.#drawRows();
  }

  #drawHead() {
    const { column: sorted, descending } = this.genes.sorted;
    const cells = this.columns.map(({ id, title, unit, numeric }) => {
      const order = sorted !== id ? "none" : descending ? "descending" : "ascending";
      const arrow = make("span", { "aria-hidden": "true", class: "arrow" }, { none: "", ascending: " ▲", descending: " ▼" }[order]);
      const button = make("button", { type: "button", title: unit || undefined, onclick: () => this.#sort(id) }, title, arrow);
      return make("th", { scope: "col", "aria-sort": order, class: numeric ? "number" : "text", "data-column": id }, button);
    });
    this.head.replaceChildren(make("tr", { "aria-rowindex": 1 }, ...cells));
  }

  #sort(id) {
    this.genes.sort(id);
    this.#drawHead();
    this.update();
  }

  #drawRows() {
    const { found } = this.genes;
    const first = Math.max(0, Math.floor(this.box.scrollTop / ROW_HEIGHT) - SPARE);
    const last = Math.min(found.length, first + Math.ceil(this.box.clientHeight / ROW_HEIGHT) + 2 * SPARE);
    const rows = [];
    for (let rank = first; rank < last; rank += 1) rows.push(this.#row(found[rank], rank));
    this.body.replaceChildren(gap(first, this.columns.length), ...rows, gap(found.length - last, this.columns.length));
    const table = byId("genes");
    table.setAttribute("aria-rowcount", found.length + 1);
    const active = found.length ? `gene-row-${this.active}` : "";
    byId("search").setAttribute("aria-activedescendant", active);
  }

  #row(row, rank) {
    const id = this.genes.value(row, "gene_id");
    const cells = this.columns.map(({ show, numeric }) =>
      make("td", { class: numeric ? "number" : "text" }, show(row, this.genes)));
    return make(
      "tr",
      {
        id: `gene-row-${rank}`,
        "aria-rowindex": rank + 2,
        "aria-selected": String(id === this.selectedId),
        class: rank === this.active ? "active" : undefined,
        "data-gene": id,
        title: id,
        onclick: () => this.onChoose(row),
      },
      ...cells,
    );
  }
}

// Room for rows that are not in the document.
function gap(rows, columns) {
  const cell = make("td", { colspan: columns });
  cell.style.height = `${rows * ROW_HEIGHT}px`;
  return make("tr", { "aria-hidden": "true", class: "gap" }, cell);
}

// The server's columns, with chromosome, TSS and strand as one place, and the id left to the row's title.
function shownColumns(genes) {
  const shown = [];
  for (const column of genes.columns) {
    const { id, type } = column;
    if (["gene_id", "tss", "strand"].includes(id)) continue;
    if (id === "chrom") shown.push({ ...column, id: "place", title: "TSS", unit: "1-based", show: place });
    else if (type === "list") shown.push({ ...column, show: (row) => flagsCell(genes.value(row, id)) });
    else if (type === "number") shown.push({ ...column, numeric: true, show: numbersOf(genes, id) });
    else shown.push({ ...column, show: (row) => String(genes.value(row, id) ?? "–") });
  }
  return shown;
}

// What shows the numbers of a column: all of them whole, or all with decimals.
function numbersOf(genes, id) {
  const counts = genes.rows.every((row) => Number.isInteger(genes.value(row, id) ?? 0));
  return (row) => {
    const value = genes.value(row, id) ?? null;
    return value !== null && counts ? whole(value) : decimal(value);
  };
}

// Two lines of a row at most; what they mean is told by the mouse, and in full beside the table once the gene is chosen.
function flagsCell(flags) {
  if (!flags) return "–";
  return make("div", { class: "flags", title: explainedFlags(flags) }, shortFlags(flags));
}

function place(row, genes) {
  const strand = genes.value(row, "strand") === "-" ? "−" : "+";
  return `${genes.value(row, "chrom")}:${whole(genes.value(row, "tss"))} ${strand}`;
}
