"""Recomputes genes of a run without the library and compares them with the tracks.

Sequence is cut with pysam, signals with pyBigWig, contacts with cooler; windows, padding, VC
normalisation, feature join and merge are written out here once more. Of the project only
`load_checkpoint` is used. The run must have been made with the merge rule max, per-gene files, and
a features table that has a column PromoterActivity.

    python benchmarks/recompute.py RUN --gene MYH9 --gene HMOX1
"""

import argparse
import csv
import json
from pathlib import Path

import cooler
import numpy as np
import pyarrow.parquet
import pyBigWig
import pysam
import torch

from seq2exp_tracks import load_checkpoint

BIN = 5000
HALF_LIFE = ["UTR5LEN_log10zscore", "CDSLEN_log10zscore", "INTRONLEN_log10zscore", "UTR3LEN_log10zscore"]
COLUMNS = [*HALF_LIFE, "UTR5GC", "CDSGC", "UTR3GC", "ORFEXONDENSITY", "PromoterActivity"]
# float32 sums in another order (torch with other threads) move a score by less than this.
ARITHMETIC = 5e-6


def bases(fasta: str, chrom: str, start: int, end: int) -> np.ndarray:
    """One-hot bases (length, 4); N and everything off the chromosome are rows of 0."""
    with pysam.FastaFile(fasta) as file:
        length = file.get_reference_length(chrom)
        text = file.fetch(chrom, max(start, 0), min(end, length)).upper()
    text = "N" * max(-start, 0) + text + "N" * max(end - length, 0)
    return np.array([[base == letter for letter in "ACGT"] for base in text], dtype=np.float32)


def signal(bigwig: str, chrom: str, start: int, end: int) -> np.ndarray:
    """Values (length,) with 0 where there is none."""
    with pyBigWig.open(bigwig) as file:
        length = file.chroms(chrom)
        values = file.values(chrom, max(start, 0), min(end, length), numpy=True)
    return np.pad(np.nan_to_num(values), (max(-start, 0), max(end - length, 0))).astype(np.float32)


def contact(path: str, chrom: str, tss: int, start: int, end: int) -> np.ndarray:
    """log10(1 + VC contact with the TSS's bin + pseudocount), (length,)."""
    raw = cooler.Cooler(path).matrix(balance=False, sparse=True).fetch(chrom).tocsr().astype(float)
    rows = np.asarray(raw.sum(axis=1)).ravel()
    divisor = np.where(rows > 0, rows, np.inf)
    entries = raw.tocoo()
    normed = entries.data / (divisor[entries.row] * divisor[entries.col])
    scale = entries.data.sum() / normed.sum()
    own = raw[tss // BIN].toarray().ravel() / (divisor[tss // BIN] * divisor) * scale
    positions = np.arange(start, end)
    inside = (positions >= 0) & (positions < cooler.Cooler(path).chromsizes[chrom])
    if own[tss // BIN] < 0.01:
        return np.zeros(end - start, dtype=np.float32)
    pseudocount = np.exp(-4.80 + 11.63 * 0.87 - 0.87 * np.log(1e6 + 1))
    values = np.log10(1 + own[np.where(inside, positions // BIN, 0)] + pseudocount)
    return np.where(inside, values, 0).astype(np.float32)


def excluded(bed: str | None, chrom: str, start: int, end: int) -> np.ndarray:
    """Blacklisted bases (length,)."""
    mask = np.zeros(end - start, dtype=bool)
    for line in Path(bed).read_text().splitlines() if bed else []:
        where, first, last = line.split("\t")[:3]
        if where == chrom:
            mask[max(int(first) - start, 0) : max(int(last) - start, 0)] = True
    return mask


def features(table: str, gene_id: str, name: str) -> np.ndarray:
    """The nine features (9,); the median of the table where one is missing."""
    with Path(table).open() as file:
        rows = list(csv.DictReader(file, delimiter="\t"))

    def number(text: str) -> float:
        return float(text) if text.strip() not in ("", "NA", "NaN", "nan") else np.nan

    known = np.array([[number(row[column]) for column in COLUMNS] for row in rows])
    by_id = [index for index, row in enumerate(rows) if row["ensembl_id"] == gene_id]
    found = by_id or [index for index, row in enumerate(rows) if row["gene"] == name]
    own = known[found[0]] if found else np.full(len(COLUMNS), np.nan)
    return np.where(np.isnan(own), np.nanmedian(known, axis=0), own).astype(np.float32)


def recompute(
    gene: dict, files: dict[str, str], model: torch.nn.Module
) -> tuple[dict[str, np.ndarray], float]:
    """The values of the tracks at the bases of the window that are on the chromosome, and the expression."""
    start = gene["tss"] - gene["length"] // 2
    where = gene["chrom"], start, start + gene["length"]
    channels = [
        contact(files["contacts"], where[0], gene["tss"], *where[1:])
        if name == "HiC"
        else signal(files[f"signal:{name}"], *where)
        for name in model.config.signals
    ]
    with torch.inference_mode():
        output = model(
            torch.from_numpy(bases(files["fasta"], *where))[None],
            torch.from_numpy(np.stack(channels, axis=1))[None],
            torch.from_numpy(features(files["features"], gene["gene_id"], gene["gene_name"]))[None],
            blacklist=torch.from_numpy(excluded(files.get("blacklist"), *where))[None],
        )
    alpha, beta = output.alpha[0].double().numpy(), output.beta[0].double().numpy()
    total = alpha + beta
    tracks = {
        "mask": alpha / total,
        "mask.sd": np.sqrt(alpha * beta / (total**2 * (total + 1))),
        "mask.applied": output.mask[0].numpy(),
    }
    inside = slice(gene["pad_left"], gene["length"] - gene["pad_right"])
    return {name: values[inside] for name, values in tracks.items()}, output.expression.item()


def read(bigwig: Path, chrom: str, start: int, end: int) -> np.ndarray:
    """Values of a written track (length,), NaN where nothing is written."""
    with pyBigWig.open(str(bigwig)) as file:
        return file.values(chrom, start, end, numpy=True)


def compare(label: str, wanted: np.ndarray, written: np.ndarray, decimals: int) -> None:
    """Prints the largest difference and stops if it exceeds the rounding of the track."""
    worst = float(np.abs(wanted - written).max()) if wanted.size else 0.0
    allowed = 0.5 * 10.0**-decimals + ARITHMETIC
    print(f"  {label:<44} {wanted.size:>9,} values, largest difference {worst:.2e} (allowed {allowed:.2e})")
    if not worst <= allowed:  # also stops at NaN: a base that should have been written
        raise SystemExit(f"{label}: differs by {worst}")


def main() -> None:
    """Recomputes the chosen genes and compares every file that shows them."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("run", type=Path)
    parser.add_argument("--gene", action="append", required=True, dest="genes")
    arguments = parser.parse_args()
    manifest = json.loads((arguments.run / "manifest.json").read_text())
    files = {entry["role"]: entry["path"] for entry in manifest["inputs"]}
    decimals = {entry["track"]: entry["decimals"] for entry in manifest["files"] if entry.get("track")}
    model = load_checkpoint(manifest["model"]["checkpoint"])
    rows = pyarrow.parquet.read_table(arguments.run / "genes.parquet").to_pylist()
    for row in rows:
        row["length"] = row["window_end"] - row["window_start"] + row["pad_left"] + row["pad_right"]
    chosen = [row for row in rows if row["gene_name"] in arguments.genes or row["gene_id"] in arguments.genes]
    recomputed: dict[str, dict[str, np.ndarray]] = {}
    for row in chosen:
        padding = f"{row['pad_left']} + {row['pad_right']}"
        print(f"{row['gene_name']} {row['chrom']}:{row['tss']} {row['strand']}, padding {padding}")
        tracks, expression = recompute(row, files, model)
        recomputed[row["gene_id"]] = tracks
        window = row["chrom"], row["window_start"], row["window_end"]
        for track, suffix in (("mask", "mask"), ("mask.sd", "sd")):
            own = arguments.run / "genes" / f"{row['gene_id']}.{suffix}.bw"
            compare(f"its own {track}", tracks[track], read(own, *window), decimals[track])
        compare("expression in genes.parquet", np.array([expression]), np.array([row["expression"]]), 4)
        strand = f"expression.{'plus' if row['strand'] == '+' else 'minus'}"
        at_tss = read(arguments.run / f"{strand}.bw", row["chrom"], row["tss"], row["tss"] + 1)
        compare(f"{strand}.bw at the TSS", np.array([expression]), at_tss, decimals[strand])
    for chrom in sorted({row["chrom"] for row in chosen}):
        here = [row for row in rows if row["chrom"] == chrom]
        for track in ("mask", "mask.applied"):
            values = {gene: tracks[track] for gene, tracks in recomputed.items()}
            compare_merged(arguments.run / f"{track}.bw", chrom, here, values, decimals[track])
    print("every value agrees")


def compare_merged(
    track: Path, chrom: str, rows: list[dict], recomputed: dict[str, np.ndarray], decimals: int
) -> None:
    """Compares a merged track with the highest value wherever all windows over a base were recomputed."""
    first, last = min(row["window_start"] for row in rows), max(row["window_end"] for row in rows)
    highest = np.full(last - first, -np.inf)
    ours, all_windows = np.zeros(last - first, dtype=int), np.zeros(last - first, dtype=int)
    for row in rows:
        stretch = slice(row["window_start"] - first, row["window_end"] - first)
        all_windows[stretch] += 1
        if row["gene_id"] in recomputed:
            ours[stretch] += 1
            highest[stretch] = np.maximum(highest[stretch], recomputed[row["gene_id"]])
    written = read(track, chrom, first, last)
    print(f"{track.name}, {chrom}")
    for label, here in (
        ("bases in one window", (ours == 1) & (all_windows == 1)),
        ("bases in several windows", (ours > 1) & (ours == all_windows)),
    ):
        compare(label, highest[here], written[here], decimals)
    unscored = all_windows == 0
    if not np.isnan(written[unscored]).all():
        raise SystemExit("a base in no window has a value")
    print(f"  {int(unscored.sum()):,} bases between windows have no value")


if __name__ == "__main__":
    main()
