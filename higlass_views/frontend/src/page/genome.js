// Places on the genome. HiGlass lays all chromosomes end to end and counts bases from 0; people read 1-based
// inclusive regions of a chromosome.

const REGION = /^(.+?):([\d,]+)\s*[-–]\s*(?:(.+):)?([\d,]+)$/;

export class Genome {
  constructor(chromosomes) {
    this.chromosomes = [];
    this.length = 0;
    for (const { name, length } of chromosomes) {
      this.chromosomes.push({ name, length, start: this.length });
      this.length += length;
    }
  }

  // [first, one past the last] of a text such as "chr22:36,200,001-36,400,000", "chr1:5-chr2:9" or "chr22".
  parse(text) {
    const whole = this.#named(text.trim());
    if (whole) return [whole.start, whole.start + whole.length];
    const [, chrom, first, lastChrom, last] = REGION.exec(text.trim()) ?? [];
    if (!chrom) throw new Error(`“${text}” is neither a gene nor a place such as ${this.#example()}`);
    const start = this.#absolute(chrom, first) - 1;
    const end = this.#absolute(lastChrom ?? chrom, last);
    if (end <= start) throw new Error(`“${text}” ends before it starts`);
    return [start, end];
  }

  // The region as people read it; parts off the genome are left out.
  format([start, end]) {
    const first = Math.min(Math.max(Math.round(start), 0), this.length - 1);
    const last = Math.min(Math.max(Math.round(end), first + 1), this.length);
    const [from, to] = [this.#at(first), this.#at(last - 1)];
    const text = (base) => base.toLocaleString("en-US");
    const lastChrom = from.name === to.name ? "" : `${to.name}:`;
    return `${from.name}:${text(first - from.start + 1)}-${lastChrom}${text(last - to.start)}`;
  }

  // Place of a chromosome in the genome's order, from 0.
  rank(name) {
    return this.chromosomes.findIndex((chromosome) => chromosome.name === name);
  }

  // The part of a region that lies on the chromosome of its middle.
  within([start, end]) {
    const { start: first, length } = this.#at(Math.max(0, Math.min((start + end) / 2, this.length - 1)));
    return [Math.max(start, first), Math.min(end, first + length)];
  }

  #named(name) {
    const among = (wanted) => this.chromosomes.find((chromosome) => chromosome.name === wanted);
    return among(name) ?? among(`chr${name}`) ?? among(name.replace(/^chr/, ""));
  }

  #at(position) {
    return this.chromosomes.findLast((chromosome) => chromosome.start <= position);
  }

  #absolute(name, digits) {
    const chromosome = this.#named(name);
    if (!chromosome) throw new Error(`The genome has no chromosome “${name}”`);
    const base = Number(digits.replaceAll(",", ""));
    if (!(base >= 1)) throw new Error(`The first base of ${chromosome.name} is 1, not ${digits}`);
    return chromosome.start + Math.min(base, chromosome.length);
  }

  #example() {
    const { name, length } = this.chromosomes[0];
    return `${name}:1-${Math.min(length, 100000).toLocaleString("en-US")}`;
  }
}
