// HiGlass with the tracks that our views need. Page and notebook widget take it from here.

import * as hglib from "higlass";
import "higlass-arcs"; // registers its track; must be there before a viewer starts

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

export const { viewer, CSS } = hglib;
