// HiGlass with the tracks that our views need. Page and notebook widget take it from here.

import * as hglib from "higlass";
import "higlass-arcs"; // registers its track; must be there before a viewer starts
import "./mapStrip.js";
import "./titleStrip.js";

// A base that was not scored has no value, and no place on the value axis. HiGlass 2.3 looks for NaN there, to end
// a line and begin another, but d3 4 answers `undefined`: the line would be drawn to nowhere, and its SVG be no
// valid path.
const { prototype } = hglib.tracks.TiledPixiTrack;
const { makeValueScale } = prototype;
prototype.makeValueScale = function (...limits) {
  const [scale, ...rest] = makeValueScale.apply(this, limits);
  scale?.unknown?.(NaN);
  return [scale, ...rest];
};

// HiGlass 2.3 draws the line of each tile by itself, from its first bin to its last, and leaves a hole of one bin between
// two tiles. So a tile gets the first bin of the next, too. Lines call this before they draw a tile; by itself it does
// nothing.
prototype.drawTile = function ({ tileData: data }) {
  if (!this.options.lineStrokeColor || data?.dense?.length !== this.tilesetInfo.bins_per_dimension) return;
  const next = Object.values(this.fetchedTiles).find(({ tileData: other }) =>
    other?.dense?.length && other.zoomLevel === data.zoomLevel && other.tilePos[0] === data.tilePos[0] + 1);
  if (next) data.dense = [...data.dense, next.tileData.dense[0]];
};

// HiGlass 2.3 sends a first request for tiles at once and sets two timers of 100 ms: at one it sends what has come
// since, at the other it begins anew. A request that comes between them waits for the next one, which there may never
// be, and its track would load for ever. So one for no tiles follows until the answer is there; it asks nothing of
// the server.
const NUDGE_MS = 250;
const { DataFetcher, tileProxy } = hglib.hggos;
const { fetchTilesDebounced } = DataFetcher.prototype;
DataFetcher.prototype.fetchTilesDebounced = function (...asked) {
  const answer = fetchTilesDebounced.apply(this, asked);
  const nothing = { id: "nothing", server: "", tileIds: [] };
  const nudges = setInterval(() => tileProxy.fetchTilesDebounced(nothing, this.pubSub), NUDGE_MS);
  Promise.resolve(answer).finally(() => clearInterval(nudges));
  return answer;
};

export const { viewer, CSS } = hglib;
