// Numbers as people read them.

const MINUS = "−";

export function decimal(value, digits = 2) {
  return value === null || value === undefined || Number.isNaN(value) ? "–" : value.toFixed(digits).replace("-", MINUS);
}

export function whole(value) {
  return value.toLocaleString("en-US").replace("-", MINUS);
}

// Lengths and distances, in the largest unit that leaves at least one digit before the point.
export function basePairs(value) {
  const size = Math.abs(value);
  if (size >= 1e6) return `${decimal(value / 1e6, size % 1e6 ? 2 : 0)} Mb`;
  if (size >= 1e3) return `${decimal(value / 1e3, size % 1e3 ? 1 : 0)} kb`;
  return `${whole(value)} bp`;
}

export function bytes(value) {
  const units = ["bytes", "kB", "MB", "GB", "TB"];
  let rank = 0;
  for (; value >= 1000 && rank < units.length - 1; rank += 1) value /= 1000;
  return `${rank ? value.toPrecision(3) : value} ${units[rank]}`;
}
