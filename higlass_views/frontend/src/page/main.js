// The page: asks the server what there is, shows a view of it, and keeps the address true to what is shown.

import "./page.css";

import { showLegend, showRuns } from "./about.js";
import { readAddress, writeAddress } from "./address.js";
import { hideElement, hideGene, showElement, showGene } from "./details.js";
import { saveJson, savePng, saveSvg } from "./downloads.js";
import { byId, make } from "./element.js";
import { GeneList } from "./geneList.js";
import { GeneTable } from "./geneTable.js";
import { Genome } from "./genome.js";
import { getJson, watchTiles } from "./requests.js";
import { Viewer } from "./viewer.js";

const root = document.documentElement;

class Page {
  constructor(about, genes) {
    this.about = about;
    this.genome = new Genome(about.chromosomes);
    this.genes = new GeneList(genes);
    this.genes.chromRank = (name) => this.genome.chromosomes.findIndex((one) => one.name === name);
    this.shown = {}; // view, gene: what the viewer shows
    this.turn = 0; // counts what was asked for, so that a late answer does not replace a newer one
    this.viewer = new Viewer(byId("viewer"), {
      onMove: (region) => root.dataset.ready && this.#moved(region),
      onElement: (element) => this.#clickedElement(element),
      onGene: (gene) => this.#clickedGene(gene),
    });
    this.table = new GeneTable(this.genes, (row) => this.openGene(this.genes.value(row, "gene_id")));
    showRuns(about);
    this.#drawViews();
    this.#connect();
  }

  // Shows what the address asks for; what it leaves open is as the server starts.
  async restore() {
    const asked = { ...(location.hash.length > 1 ? {} : this.about.start), ...readAddress(location.hash) };
    const { view, gene, at, region } = asked;
    await this.show({ view: view ?? (gene ? "gene" : at ? "region" : this.about.start.view), gene, at: at ?? region });
  }

  // Fetches a view and draws it. `at` is a region as people write it; without one the view knows its own place.
  async show({ view, gene, at }) {
    const turn = (this.turn += 1);
    this.#busy(gene ? `Loading ${gene}…` : "Loading…");
    try {
      const place = at ? this.genome.parse(at) : null;
      const asked = new URLSearchParams(Object.entries({ view, gene, region: at }).filter(([, value]) => value));
      const answer = await getJson(`api/view.json?${asked}`);
      if (turn !== this.turn) return;
      this.shown = { view, gene };
      this.home = this.genome.parse(answer.region);
      this.#drawTexts(answer);
      await this.viewer.show(answer.viewconf, place ?? this.home);
      if (turn !== this.turn) return;
      this.#ready(view, place ?? this.home);
    } catch (error) {
      if (turn === this.turn) this.fail(error);
    }
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

  fail(error) {
    byId("problem").textContent = error.message;
    byId("problem").hidden = false;
    byId("state").hidden = true;
    root.dataset.failed = "yes";
  }

  #busy(text) {
    delete root.dataset.ready;
    delete root.dataset.failed;
    byId("problem").hidden = true;
    byId("state").textContent = text;
    byId("state").hidden = false;
    hideElement();
  }

  #ready(view, region) {
    byId("state").hidden = true;
    root.dataset.ready = view;
    this.#moved(region);
  }

  #drawTexts({ title, subtitle, legend }) {
    byId("view-title").textContent = title;
    byId("view-subtitle").textContent = subtitle ?? "";
    showLegend(legend);
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
      make("button", { type: "button", "data-view": id, "aria-pressed": "false", onclick: () => this.#changeView(id) }, title));
    byId("views").replaceChildren(...buttons);
  }

  // The gene is kept; the place is, too, but not on the way to the whole genome.
  async #changeView(view) {
    const gene = this.shown.gene ?? this.about.start.gene;
    const at = view === "region" && this.viewer.api ? this.genome.format(this.viewer.region) : undefined;
    await this.open({ view, gene: view === "genome" ? undefined : gene, at });
  }

  #connect() {
    const guarded = (act) => async (event) => {
      event?.preventDefault?.();
      try {
        await act();
      } catch (error) {
        this.fail(error);
      }
    };
    const zoom = (factor) => guarded(() => {
      const [start, end] = this.viewer.region;
      const [middle, half] = [(start + end) / 2, ((end - start) / 2) * factor];
      this.viewer.goTo([Math.max(0, middle - half), Math.min(this.genome.length, middle + half)]);
    });
    const name = () => [this.about.runs.map((run) => run.name).join("-"), this.shown.view, this.shown.gene]
      .filter(Boolean).join(".").replaceAll(/[^\w.-]+/g, "_");
    byId("zoom-in").addEventListener("click", zoom(0.5));
    byId("zoom-out").addEventListener("click", zoom(2));
    byId("zoom-reset").addEventListener("click", guarded(() => this.viewer.goTo(this.home)));
    byId("export-svg").addEventListener("click", guarded(() => saveSvg(this.viewer, name())));
    byId("export-png").addEventListener("click", guarded(() => savePng(this.viewer, name())));
    byId("export-json").addEventListener("click", guarded(() => saveJson(this.viewer, name())));
    byId("place-form").addEventListener("submit", guarded(() => this.#goToTyped(byId("place").value)));
    window.addEventListener("popstate", () => this.restore());
    document.addEventListener("keydown", (event) => this.#key(event));
    watchTiles((message) => this.fail(new Error(message)));
  }

  async #goToTyped(text) {
    byId("problem").hidden = true;
    const gene = this.genes.named(text);
    if (gene) await this.openGene(this.genes.value(gene, "gene_id"));
    else this.viewer.goTo(this.genome.parse(text));
    byId("place").blur();
  }

  #key(event) {
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

  #moved(region) {
    const at = this.genome.format(region);
    if (document.activeElement !== byId("place")) byId("place").value = at;
    clearTimeout(this.writing);
    const { view, gene } = this.shown;
    // Browsers limit how often the address may change; a pause in the movement is early enough.
    this.writing = setTimeout(() => history.replaceState(null, "", writeAddress({ view, gene, at })), 200);
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

async function start() {
  try {
    const [about, genes] = await Promise.all([getJson("api/page.json"), getJson("api/genes.json")]);
    const page = new Page(about, genes);
    // For the browser's console and for scripts.
    window.seq2exp = page;
    await page.restore();
  } catch (error) {
    byId("run-names").textContent = "seq2exp-tracks";
    byId("state").hidden = true;
    byId("problem").textContent = error.message;
    byId("problem").hidden = false;
    root.dataset.failed = "yes";
  }
}

start();
