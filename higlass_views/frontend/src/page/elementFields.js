// The columns of called elements and of links in the tiles' items, in the server's order. All are text; "." stands
// for no value.

const ELEMENT = [
  ...["chrom", "start", "end", "name", "score", "strand", "geneId", "geneName", "meanScore", "sd"],
  ...["distance", "kind", "contact"],
];
// A link's own start and end are those of its arc; the element's follow the TSS.
const LINK = ["chrom", "arcStart", "arcEnd", ...ELEMENT.slice(3), "tss", "start", "end"];

const NUMBERS = new Set(["start", "end", "score", "meanScore", "sd", "distance", "contact", "tss"]);

// The element of an item, or null where the item is none.
export function elementOf(item) {
  const names = [ELEMENT, LINK].find((columns) => columns.length === item?.fields?.length);
  if (!names) return null;
  return Object.fromEntries(names.map((name, column) => [name, valueOf(name, item.fields[column])]));
}

function valueOf(name, text) {
  if (text === "." || text === "" || text === undefined || text === null) return null;
  return NUMBERS.has(name) ? Number(text) : text;
}
