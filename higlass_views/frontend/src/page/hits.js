// What lies under a click. HiGlass tells which track was clicked and where, but not on which item of it.

import { elementOf } from "./elementFields.js";

// Pixels that a click may miss by: elements are often narrower than a finger's or a mouse's aim.
const SLACK = 4;

// The element that was clicked in one of the tracks, or null.
export function elementAt(tracks, x, y) {
  for (const track of tracks.flatMap((one) => one.childTracks ?? [one])) {
    const [left, top] = track.position;
    const [width, height] = track.dimensions;
    if (x < left || x > left + width || y < top || y > top + height) continue;
    const item = track.drawnRects ? rectangleAt(track, x - left, y - top) : arcAt(track, x - left, y - top);
    const element = elementOf(item);
    if (element) return element;
  }
  return null;
}

// Of rectangles that touch the click the nearest, and of equally near ones the narrowest.
function rectangleAt(track, x, y) {
  const { scale, position } = track.rectGraphics;
  const found = Object.values(track.drawnRects).map(([polygon, { value }]) => {
    const xs = polygon.filter((_, index) => index % 2 === 0).map((at) => at * scale.x + position.x);
    const ys = polygon.filter((_, index) => index % 2 === 1).map((at) => at * scale.y + position.y);
    const [dx, dy] = [outside(x, xs), outside(y, ys)];
    return { value, far: Math.max(dx, dy), width: Math.max(...xs) - Math.min(...xs) };
  });
  found.sort((a, b) => a.far - b.far || a.width - b.width);
  return found.length && found[0].far <= SLACK ? found[0].value : null;
}

function outside(at, edges) {
  return Math.max(Math.min(...edges) - at, at - Math.max(...edges), 0);
}

// The nearest arc. higlass-arcs draws half ellipses that stand on the bottom of the track (on its top where it is
// flipped); their height grows with their length from a quarter of the track's height to all of it.
function arcAt(track, x, y) {
  if (!track.arcsGraphics) return null;
  const items = Object.values(track.fetchedTiles).flatMap((tile) => (tile.tileData?.error ? [] : tile.tileData ?? []));
  const height = track.dimensions[1];
  const longest = track.maxDistance();
  const up = track.flip ? y : height - y;
  let best = null;
  for (const item of items) {
    const [start, end] = [track.getStart(item), track.getEnd(item)];
    const tall = height / 4 + ((height * 3) / 4) * (longest ? Math.abs(end - start) / longest : 0);
    const far = fromArc(x, up, track.xScale()(start), track.xScale()(end), tall);
    if (far <= SLACK && (!best || far < best.far)) best = { item, far };
  }
  return best?.item ?? null;
}

// Distance of a point from a half ellipse, by points along it: a pixel's accuracy is enough.
function fromArc(x, y, left, right, tall) {
  const radius = (right - left) / 2;
  if (outside(x, [left, right]) > SLACK) return Infinity;
  const steps = Math.min(Math.ceil((radius + tall) * 2), 400);
  let nearest = Infinity;
  for (let step = 0; step <= steps; step += 1) {
    const angle = (Math.PI * step) / steps;
    const [dx, dy] = [left + radius - radius * Math.cos(angle) - x, tall * Math.sin(angle) - y];
    nearest = Math.min(nearest, Math.hypot(dx, dy));
  }
  return nearest;
}
