// What the strip above a map of contacts says beside its title: how large its bins are, whether enough of them are in
// view to be read, and which colour stands for how many contacts. HiGlass 2.3 has a scale of colours that covers a part of
// the map.

import { hggos } from "higlass";
import { Graphics, Text } from "pixi.js";
import { basePairs, whole } from "./page/numbers.js";
import { stripOf } from "./titleStrip.js";

// Below so many bins in view a map is a few triangles.
const FEW = 10;

const FONT = "Arial";
const FONT_SIZE = 11;
const INK = "#222222";

// Pixels: the bar, what is left for the number at its right, and the gap between all parts.
const BAR = { width: 90, height: 9 };
const NUMBER = 36;
const GAP = 5;

const { prototype } = hggos.HeatmapTiledPixiTrack;
const { draw, drawColorbar, exportColorBarSVG } = prototype;

prototype.draw = function () {
  draw.call(this);
  if (stripOf(this)) drawStrip(this);
};

prototype.drawColorbar = function () {
  if (!stripOf(this)) return drawColorbar.call(this);
  this.removeColorbar();
  drawStrip(this);
};

// HiGlass puts its scale where the map is cut off.
prototype.exportColorBarSVG = function () {
  return stripOf(this) ? document.createElement("g") : exportColorBarSVG.call(this);
};

prototype.svgOfStrip = function () {
  return [svgStrip(stripParts(this))];
};

// Texts, each with where it starts or ends, and the colours from low to high; empty until the map is there.
function stripParts(track) {
  const [low, high] = track.valueScale?.domain() ?? [];
  if (!track.tilesetInfo?.resolutions || !(low < high)) return { texts: [], colours: [] };
  const right = track.position[0] + track.dimensions[0];
  const middle = track.position[1] - stripOf(track) / 2;
  const bar = { left: right - NUMBER - BAR.width, top: middle - BAR.height / 2 };
  const colours = Array.from({ length: BAR.width }, (_, column) => {
    // HiGlass counts its colours from high to low.
    const [red, green, blue] = track.colorScale[Math.round(254 * (1 - column / (BAR.width - 1)))];
    return { x: bar.left + column, y: bar.top, colour: [red, green, blue] };
  });
  const lowText = short(low);
  const texts = [
    { text: short(high), x: bar.left + BAR.width + GAP, y: middle, anchor: 0 },
    { text: lowText, x: bar.left - GAP, y: middle, anchor: 1 },
    { text: binsInView(track), x: bar.left - NUMBER - 2 * GAP, y: middle, anchor: 1 },
  ];
  return { texts, colours };
}

// For example "bins of 5 kb", or why a map of few bins looks as it does.
function binsInView(track) {
  const [start, end] = track.xScale().domain();
  const bin = [...track.tilesetInfo.resolutions].sort((a, b) => b - a)[track.calculateZoomLevel()];
  const seen = Math.round((end - start) / bin);
  const size = `bins of ${basePairs(bin)}`;
  return seen < FEW ? `${size}, ${whole(seen)} in view: zoom out to read it` : size;
}

function short(value) {
  return String(Number(value.toPrecision(2)));
}

function drawStrip(track) {
  const { texts, colours } = stripParts(track);
  track.pStrip ??= track.pBase.addChild(new Graphics());
  track.pStrip.clear();
  for (const { x, y, colour } of colours) {
    track.pStrip.beginFill((colour[0] << 16) | (colour[1] << 8) | colour[2]);
    track.pStrip.drawRect(x, y, 1, BAR.height);
  }
  track.stripTexts ??= [0, 1, 2].map(() =>
    track.pStrip.addChild(new Text("", { fontFamily: FONT, fontSize: FONT_SIZE, fill: INK })));
  track.stripTexts.forEach((drawn, index) => {
    const { text = "", x = 0, y = 0, anchor = 0 } = texts[index] ?? {};
    drawn.text = text;
    drawn.anchor.set(anchor, 0.5);
    drawn.position.set(Math.round(x), y);
  });
}

function svgStrip({ texts, colours }) {
  const group = document.createElement("g");
  group.setAttribute("class", "map-strip");
  for (const { x, y, colour } of colours) {
    const rect = document.createElement("rect");
    const given = { x, y, width: 1, height: BAR.height, fill: `rgb(${colour})` };
    Object.entries(given).forEach(([name, value]) => rect.setAttribute(name, value));
    group.append(rect);
  }
  for (const { text, x, y, anchor } of texts) {
    const shown = document.createElement("text");
    const given = { x, y, dy: "0.35em", fill: INK, "font-family": FONT, "font-size": `${FONT_SIZE}px` };
    Object.entries({ ...given, "text-anchor": anchor ? "end" : "start" })
      .forEach(([name, value]) => shown.setAttribute(name, value));
    shown.textContent = text;
    group.append(shown);
  }
  return group;
}
