// Titles in a strip of their own above the data, as high as a track's option `titleHeight` says. HiGlass 2.3 writes
// them over the data, and passes the option over. The strip also keeps the numbers of neighbouring axes apart.

import { hggos } from "higlass";

const { prototype } = hggos.PixiTrack;
const { setPosition, setDimensions, drawLabel, exportSVG } = prototype;

// HiGlass writes the letters of an SVG so many pixels lower than those on the screen.
const LOWER_IN_SVG = 3;

export const stripOf = (track) => track.options.titleHeight ?? 0;

// Position and dimensions are those of the data: whatever a track draws, and where it is clicked, goes by them.
prototype.setPosition = function ([left, top]) {
  setPosition.call(this, [left, top + stripOf(this)]);
};

prototype.setDimensions = function ([width, height]) {
  setDimensions.call(this, [width, height - stripOf(this)]);
};

// Out of the mask that cuts off what is drawn beside the data, and without the ground that the data would need.
prototype.drawLabel = function () {
  drawLabel.call(this);
  if (!stripOf(this)) return;
  this.pLabel.clear();
  this.pLabel.position.y = -stripOf(this);
  this.pLabel.setParent(this.pBase);
};

prototype.exportSVG = function () {
  const [base, track] = exportSVG.call(this);
  if (stripOf(this)) {
    const labels = track.nextSibling;
    const up = stripOf(this) + LOWER_IN_SVG;
    labels.setAttribute("transform", `translate(0,${-up}) ${labels.getAttribute("transform")}`);
    base.append(labels, ...(this.svgOfStrip?.() ?? []));
  }
  return [base, track];
};
