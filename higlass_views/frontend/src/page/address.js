// The part of the address after #: which view, gene and place the page shows. A link to it restores them.

export function readAddress(hash) {
  const fields = new URLSearchParams(hash.replace(/^#/, "").replaceAll("+", "%2B"));
  const given = {};
  for (const name of ["view", "gene", "at"]) {
    if (fields.get(name)) given[name] = fields.get(name);
  }
  return given;
}

export function writeAddress(fields) {
  const parts = Object.entries(fields).filter(([, value]) => value);
  // Colons and commas stay: people read and type these links.
  const text = ([name, value]) =>
    `${name}=${encodeURIComponent(value).replaceAll("%3A", ":").replaceAll("%2C", ",")}`;
  return `#${parts.map(text).join("&")}`;
}
