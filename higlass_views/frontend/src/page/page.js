// The page: shows a view, and keeps the address true to what is shown.

import { showLegend, showRuns } from "./about.js";
import { readAddress, writeAddress } from "./address.js";
import { hideElement, hideGene, showElement, showGene } from "./details.js";
import { byId, make } from "./element.js";
import { GeneList } from "./geneList.js";
import { GeneTable } from "./geneTable.js";
import { Genome } from "./genome.js";
import { getJson } from "./requests.js";
import { fail, stateOf } from "./state.js";
import { Viewer } from "./viewer.js";

// Browsers limit how often the address may change; a pause in a movement is early enough.
const ADDRESS_PAUSE_MS = 200;

export class Page {
  // `about` and `genes` are the server's page.json and genes.json.
  constructor(about, genes) {
    this.about = about;
    this.genome = new Genome(about.chromosomes);
    this.genes = new GeneList(genes, this.genome);
    this.shown = {}; // view, gene: what the viewer shows
    this.turn = 0; // counts what was asked for, so that a late answer does not replace a newer one
    this.viewer = new Viewer(byId("viewer"), {
      onMove: (region) => stateOf() === "ready" && this.#moved(region),
      onElement: (element) => this.#clickedElement(element),
      onGene: (gene) => this.#clickedGene(gene),
    });
    this.table = new GeneTable(this.genes, (row) => this.openGene(this.genes.value(row, "gene_id")));
    showRuns(about);
    this.#drawViews();
  }

  // Shows what the address asks for; what it leaves open is as the server starts.
  async restore() {
    const { start } = this.about;
    const { view, gene, at } = location.hash.length > 1 ? readAddress(location.hash) : { ...start, at: start.region };
    const error = await this.show({ view: view ?? (gene ? "gene" : at ? "region" : start.view), gene, at });
    if (!error || this.viewer.api || location.hash.length <= 1) return;
    // An empty page helps nobody: the server's own start is shown below what failed.
    const another = await this.show({ ...start, at: start.region });
    fail(another ?? error);
  }

  // A view that the user asked for gets an entry in the browser's history; moving within it does not.
  async open(wanted) {
    clearTimeout(this.writing);
    history.pushState(null, "", writeAddress(wanted));
    await this.show(wanted);
  }

  // The gene's own view; where runs are compared they stay so.
  async openGene(gene) {
    await this.open({ view: this.shown.view === "compare" ? "compare" : "gene", gene });
  }

  // Fetches a view and draws it. `at` is a region as people write it; without one the view knows its own place.
  // Returns the error that is told, if it fails.
  async show({ view, gene, at }) {
    const turn = (this.turn += 1);
    stateOf("busy", gene ? `Loading ${gene}…` : "Loading…");
    hideElement();
    try {
      const place = at ? this.genome.parse(at) : null;
      const answer = await getJson(`api/view.json?${this.#question(view, gene, place)}`);
      if (turn !== this.turn) return;
      this.shown = { view, gene };
      this.home = answer.region ? this.genome.parse(answer.region) : answer.viewconf.views[0].initialXDomain;
      this.#drawTexts(answer);
      await this.viewer.show(answer.viewconf, place ?? this.home);
      if (turn !== this.turn) return;
      stateOf("ready", view);
      this.#moved(place ?? this.home);
    } catch (error) {
      if (turn !== this.turn) return;
      fail(error);
      return error;
    }
  }

  // Where to: a gene, or a place on the genome.
  async goTo(text) {
    const gene = this.genes.named(text);
    if (gene) await this.openGene(this.genes.value(gene, "gene_id"));
    else this.viewer.goTo((await this.#annotated(text)) ?? this.genome.parse(text));
  }

  // Shows `factor` times as much of the genome around the middle of what is seen.
  zoom(factor) {
    const [start, end] = this.viewer.region;
    const [middle, half] = [(start + end) / 2, ((end - start) / 2) * factor];
    this.viewer.goTo([Math.max(0, middle - half), Math.min(this.genome.length, middle + half)]);
  }

  // Name of files saved from the present view.
  get fileName() {
    const parts = [...this.about.runs.map((run) => run.name), this.shown.view, this.shown.gene];
    return parts.filter(Boolean).join(".").replaceAll(/[^\w.-]+/g, "_");
  }

  // The server places views on one chromosome; a gene's view and the whole genome have their own place.
  #question(view, gene, place) {
    const region = place && !["gene", "genome"].includes(view) ? this.genome.format(this.genome.within(place)) : null;
    return new URLSearchParams(Object.entries({ view, gene, region }).filter(([, value]) => value));
  }

  // A gene of the annotation that was not scored, with as much room on both sides; null where there is none.
  async #annotated(text) {
    if (/[:\s]/.test(text.trim())) return null;
    const found = await getJson(`api/v1/suggest/?d=genes&ac=${encodeURIComponent(text.trim())}`);
    const gene = found.find(({ geneName }) => geneName.toLowerCase() === text.trim().toLowerCase());
    if (!gene) return null;
    const [start, end] = this.genome.parse(`${gene.chr}:${gene.txStart + 1}-${gene.txEnd}`);
    const room = Math.max(end - start, 1000);
    return [Math.max(0, start - room), Math.min(this.genome.length, end + room)];
  }

  #drawTexts({ title, subtitle, legend }) {
    byId("view-title").textContent = title;
    byId("view-subtitle").textContent = unbroken(subtitle ?? "");
    showLegend(legend, this.about.runs);
    for (const button of byId("views").children) {
      button.setAttribute("aria-pressed", String(button.dataset.view === this.shown.view));
    }
    const row = this.shown.gene ? this.genes.named(this.shown.gene) : null;
    if (row) showGene(row, this.genes);
    else hideGene();
    this.table.select(row ? this.genes.value(row, "gene_id") : null);
  }

  #drawViews() {
    const buttons = this.about.views.map(({ id, title }) =>
      make("button", { type: "button", "data-view": id, onclick: () => this.#changeView(id) }, title));
    byId("views").replaceChildren(...buttons);
  }

  // Gene and place are kept where the other view can show them.
  async #changeView(view) {
    const gene = view === "genome" ? undefined : (this.shown.gene ?? this.about.start.gene);
    const at = view === "region" && this.viewer.api
      ? this.genome.format(this.genome.within(this.viewer.region))
      : undefined;
    await this.open({ view, gene, at });
  }

  #moved(region) {
    const at = this.genome.format(region);
    if (document.activeElement !== byId("place")) byId("place").value = at;
    const { view, gene } = this.shown;
    clearTimeout(this.writing);
    this.writing = setTimeout(() => history.replaceState(null, "", writeAddress({ view, gene, at })), ADDRESS_PAUSE_MS);
  }

  #clickedElement(element) {
    if (element) showElement(element, (gene) => this.openGene(gene), hideElement);
    else hideElement();
  }

  // A gene of the annotation; it has numbers only where it was scored.
  #clickedGene({ name, id }) {
    const row = this.genes.named(id ?? "") ?? this.genes.named(name ?? "");
    if (row) showGene(row, this.genes);
  }
}

// Lines break between the parts of a text and not within them: "+ strand" stays whole.
function unbroken(text) {
  return text.split(" · ").map((part) => part.replaceAll(" ", "\u00a0")).join(" · ");
}
