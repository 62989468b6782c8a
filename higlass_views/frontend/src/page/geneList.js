// The genes of the page: searched and sorted. Knows nothing of how they are shown.

export class GeneList {
  // The server's columns and rows; the genome gives the order of places.
  constructor({ columns, rows }, genome) {
    this.genome = genome;
    this.columns = columns;
    this.rows = rows;
    this.at = Object.fromEntries(columns.map(({ id }, index) => [id, index]));
    // One text a row to search in, made once: 18,000 genes are searched at every key.
    this.texts = rows.map((row) => this.#text(row));
    this.byName = new Map();
    rows.forEach((row) => {
      for (const id of ["gene_name", "gene_id"]) this.byName.set(String(row[this.at[id]]).toLowerCase(), row);
    });
    this.sorted = { column: null, descending: false };
    this.query = "";
    this.found = rows;
  }

  value(row, id) {
    return row[this.at[id]];
  }

  // The gene of a symbol or id, whatever the case.
  named(name) {
    return this.byName.get(name.trim().toLowerCase()) ?? null;
  }

  // Keeps the genes that have every word of the query; those that begin with it come first.
  search(query) {
    this.query = query.trim().toLowerCase();
    this.#arrange();
  }

  // Sorts by a column: ascending, then descending, then as the server sent them.
  sort(column) {
    const { column: before, descending } = this.sorted;
    if (before !== column) this.sorted = { column, descending: false };
    else this.sorted = descending ? { column: null, descending: false } : { column, descending: true };
    this.#arrange();
  }

  #arrange() {
    const words = this.query.split(/\s+/).filter(Boolean);
    let found = this.rows.map((_, index) => index);
    if (words.length) found = found.filter((index) => words.every((word) => this.texts[index].includes(word)));
    if (this.sorted.column) found.sort(this.#order());
    else if (words.length) found.sort((a, b) => this.#rank(a) - this.#rank(b));
    this.found = found.map((index) => this.rows[index]);
  }

  #text(row) {
    const names = `${this.value(row, "gene_name")} ${this.value(row, "gene_id")}`;
    const flags = this.value(row, "flags") ?? [];
    return `${names} ${this.value(row, "chrom")}:${this.value(row, "tss")} ${[flags].flat().join(" ")}`.toLowerCase();
  }

  #rank(index) {
    const name = String(this.value(this.rows[index], "gene_name")).toLowerCase();
    if (name === this.query) return 0;
    return name.startsWith(this.query) ? 1 : 2;
  }

  // Numbers by size, text as people order it (A2 before A10), what is not known last either way.
  #order() {
    const { column, descending } = this.sorted;
    const sign = descending ? -1 : 1;
    const text = new Intl.Collator("en", { numeric: true }).compare;
    const values = this.rows.map((row) => (column === "place" ? null : row[this.at[column]]));
    const key = (index) => (Array.isArray(values[index]) ? values[index].join(" ") || null : values[index]);
    return (a, b) => {
      if (column === "place") return sign * this.#comparePlaces(a, b);
      const [one, other] = [key(a), key(b)];
      if (one === null || other === null) return (one === null) - (other === null);
      return sign * (typeof one === "number" ? one - other : text(one, other)) || a - b;
    };
  }

  #comparePlaces(a, b) {
    const of = (index, id) => this.value(this.rows[index], id);
    const rank = (index) => this.genome.rank(of(index, "chrom"));
    return rank(a) - rank(b) || of(a, "tss") - of(b, "tss");
  }
}
