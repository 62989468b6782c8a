// The HiGlass viewer: shows a view config at a place, and tells where it is moved and what is clicked.
// Knows nothing of the page around it.

import { viewer as startHiGlass } from "../higlass.js";
import { elementAt } from "./hits.js";

// The page around the viewer has what HiGlass' own bars and menus offer; the exported view config keeps them.
const OPTIONS = { bounded: false, editable: false, containerPaddingX: 0, containerPaddingY: 0 };

export class Viewer {
  // `onMove([start, end])`, `onElement(element or null)`, `onGene(name)`.
  constructor(container, { onMove, onElement, onGene }) {
    this.container = container;
    this.tell = { onMove, onElement, onGene };
    this.api = null;
  }

  // Draws a view config, at its own place or at `region`, [start, end] on the axis of all chromosomes.
  // A new viewer each time: higlass-arcs 0.3 leaves its arcs behind where tracks are exchanged.
  async show(viewconf, region) {
    this.close();
    const shown = region ? placedAt(viewconf, region) : viewconf;
    const box = document.createElement("div");
    this.container.append(box);
    const api = await startHiGlass(box, shown, OPTIONS);
    if (!box.isConnected) {
      // Another view was asked for in the meantime.
      api.destroy();
      return;
    }
    this.api = api;
    this.view = shown.views[0];
    api.on("createSVG", mended);
    // A viewer that was put away may still end a movement.
    api.on("location", ({ xDomain }) => this.api === api && this.tell.onMove(xDomain), this.view.uid);
    api.on("click", (event) => this.api === api && this.#clicked(event));
  }

  close() {
    this.api?.destroy();
    this.api = null;
    this.container.replaceChildren();
  }

  get region() {
    return this.api.getLocation(this.view.uid).xDomain;
  }

  goTo([start, end]) {
    // A movement that takes no time at all is told to nobody, not even to views with the same place.
    for (const { uid } of this.api.getViewConfig().views) this.api.zoomTo(uid, start, end, start, end, 1);
  }

  // Tracks as HiGlass draws them, those of combined tracks included.
  get tracks() {
    const component = this.api.getComponent();
    const found = component.iterateOverTracks().map(({ viewId, trackId }) => this.api.getTrackObject(viewId, trackId));
    return [...new Set(found.filter(Boolean).flatMap((track) => [track, ...(track.childTracks ?? [])]))];
  }

  // True when every tile in sight is there and drawn.
  get settled() {
    if (!this.api) return false;
    const tiled = this.tracks.filter((track) => track.visibleTileIds);
    return tiled.every((track) => track.tilesetInfo && !track.fetching?.size && track.areAllVisibleTilesLoaded());
  }

  // The present view as it is drawn, a whole SVG document.
  svg() {
    return this.api.exportAsSvg();
  }

  // The present view, its place included, as a view config.
  viewconf() {
    return this.api.getViewConfig();
  }

  // HiGlass sends one event for a gene, and one for all tracks below the mouse.
  #clicked(event) {
    if (event?.type === "gene-annotation") {
      const gene = event.payload?.value ?? event.payload;
      if (gene?.fields) this.tell.onGene({ name: gene.fields[3], id: gene.fields[7] });
      return;
    }
    const mouse = [event].flat().map((one) => one?.data?.event).find(Boolean);
    if (!mouse) return;
    const { clientX, clientY } = mouse.nativeEvent ?? mouse;
    const component = this.api.getComponent();
    const { left, top } = component.topDivRef.current.getBoundingClientRect();
    const element = elementAt(this.tracks, clientX - left, clientY - top + component.scrollTop);
    this.tell.onElement(element);
  }
}

// Points without a value are exported as rectangles without a place, and maps without a word of how they are to be
// enlarged: smoothed, they would show contacts between the bins that nobody measured.
function mended(svg) {
  for (const shape of svg.querySelectorAll("rect")) {
    const numbers = ["x", "y", "width", "height"].map((name) => Number(shape.getAttribute(name)));
    if (numbers.some(Number.isNaN)) shape.remove();
  }
  for (const map of svg.querySelectorAll("image")) map.setAttribute("style", "image-rendering: pixelated");
  return svg;
}

function placedAt(viewconf, [start, end]) {
  const views = viewconf.views.map((view) => ({
    ...view,
    initialXDomain: [start, end],
    // Views with a map of contacts have a second axis, which shows the same place.
    ...(view.initialYDomain ? { initialYDomain: [start, end] } : {}),
  }));
  return { ...viewconf, views };
}
