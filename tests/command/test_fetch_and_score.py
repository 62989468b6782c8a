"""The user's own command on a machine that has nothing yet: `score --genome hg38` ends in tracks.

Real chr22 data is served under the addresses of the presets, with a checkpoint of the published shape. Hi-C
is a .cool under the .hic file's name: what it is is told by its content.
"""

import gzip
import json
import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pyBigWig
import pytest
from file_server import FileServer, serving
from playground import COMMAND

from seq2exp_tracks.derived_features import DERIVED
from seq2exp_tracks.io.checksum import sha256_of
from seq2exp_tracks.io.tables import read_table
from seq2exp_tracks.resources.presets import Presets
from seq2exp_tracks.resources.sources import Remote, Source

H3K27AC = "signals/K562.H3K27ac.candidate_regions.chr22.bw"
DNASE = "signals/K562.accessibility.chr22.bw"
CONTACTS = "hic/K562.chr22.5kb.cool"
CHECKPOINT = "soft_wide_8k/checkpoint.ckpt"
HUB = "/huggingface.co"
WEIGHTS = "xingyusu/GeneExp_Seq2Exp"
DATASET = f"{HUB}/datasets/xingyusu/GeneExp/resolve/main"
HALF_LIFE = (
    *("UTR5LEN_log10zscore", "CDSLEN_log10zscore", "INTRONLEN_log10zscore", "UTR3LEN_log10zscore"),
    *("UTR5GC", "CDSGC", "UTR3GC", "ORFEXONDENSITY"),
)

Score = Callable[..., Path]


def path_of(source: Source) -> str:
    """Where a mirror has a file."""
    assert isinstance(source, Remote)
    return f"/{source.place}"


def listing(*files: str) -> bytes:
    return json.dumps({"siblings": [{"rfilename": file} for file in files]}).encode()


def gtf(bounds: Path) -> bytes:
    """The chr22 genes of ABC's bounds as an annotation."""
    lines = []
    for line in bounds.read_text().splitlines()[1:]:
        chrom, start, end, name, _, strand, gene_id, kind = line.split("\t")
        if chrom == "chr22":
            told = f'gene_id "{gene_id}"; gene_name "{name}"; gene_type "{kind}";'
            lines.append("\t".join((chrom, "ABC", "gene", str(int(start) + 1), end, ".", strand, ".", told)))
    return gzip.compress("\n".join(lines).encode() + b"\n")


@pytest.fixture(scope="module")
def server(real: Path, golden: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FileServer]:
    nowhere = tmp_path_factory.mktemp("nowhere")
    presets = Presets.load(nowhere, nowhere)
    genome, k562 = presets.genomes["hg38"].files, presets.cells["K562"].all_files
    sequence = gzip.decompress((real / "genome/hg38.chr22.fa.gz").read_bytes())
    blacklist = (real / "blacklist/GRCh38_unified_blacklist.bed").read_bytes()
    with serving() as served:
        served.files = {
            path_of(genome["fasta"]): gzip.compress(sequence, 1),
            path_of(genome["genes"]): gtf(real / "genes/CollapsedGeneBounds.hg38.bed"),
            path_of(genome["blacklist"]): gzip.compress(blacklist),
            path_of(k562["signal:H3K27ac"]): (real / H3K27AC).read_bytes(),
            path_of(k562["signal:DNase"]): (real / DNASE).read_bytes(),
            path_of(k562["contacts"]): (real / CONTACTS).read_bytes(),
            f"{HUB}/api/models/{WEIGHTS}": listing("Seq2Exp_soft_K562.ckpt", "Seq2Exp_hard_K562.ckpt"),
            f"{HUB}/{WEIGHTS}/resolve/main/Seq2Exp_soft_K562.ckpt": (golden / CHECKPOINT).read_bytes(),
        }
        yield served


@pytest.fixture(scope="module")
def score(server: FileServer, tmp_path_factory: pytest.TempPathFactory) -> Score:
    """Scores MYH9 with nothing but the name of the genome; `--window` keeps it short."""
    folder = tmp_path_factory.mktemp("nothing")
    named = {"SEQ2EXP_TRACKS_CONFIG": folder / "config", "SEQ2EXP_TRACKS_DATA": folder / "store"}
    environment = os.environ | {name: str(path) for name, path in named.items()}

    def call(name: str, *more: str) -> Path:
        out = folder / name
        words = ["score", "--genome", "hg38", "--mirror", server.url, "--chrom", "chr22", "--gene", "MYH9"]
        subprocess.run(
            [COMMAND, *words, "--window", "8192", *more, "--out", out],
            check=True,
            env=environment,
            cwd=folder,
        )
        return out

    return call


@pytest.fixture(scope="module")
def run(score: Score) -> Path:
    return score("first")


@pytest.mark.slow
def test_from_the_name_of_a_genome_to_tracks(run: Path, real: Path, golden: Path) -> None:
    manifest = json.loads((run / "manifest.json").read_text())
    inputs = {entry["role"]: entry["sha256"] for entry in manifest["inputs"]}
    assert inputs["signal:H3K27ac"] == sha256_of(real / H3K27AC)
    assert inputs["signal:DNase"] == sha256_of(real / DNASE)
    assert inputs["contacts"] == sha256_of(real / CONTACTS)
    assert manifest["model"]["sha256"] == sha256_of(golden / CHECKPOINT)
    assert manifest["settings"]["remarks"] == manifest["notes"][:4]
    assert manifest["notes"][:3] == [
        "cell type K562, as no other is named: H3K27ac, DNase, contacts of it",
        "checkpoint: soft K562 of the authors",
        "features: none (the nine gene features are 0: predicted expression means little)",
    ]
    with pyBigWig.open(str(run / "mask.bw")) as track:
        assert track.chroms() == {"chr22": 50_818_468}
        (start, _, _), *_ = intervals = track.intervals("chr22")
        # About the TSS of MYH9, which is on the minus strand: the last base of the gene.
        assert (start, intervals[-1][1]) == (36_388_066 - 4096, 36_388_066 + 4096)


@pytest.mark.slow
def test_the_second_run_asks_for_no_file(run: Path, score: Score, server: FileServer) -> None:
    server.requests.clear()
    again = score("second")
    assert {request.path for request in server.requests} <= {f"{HUB}/api/datasets/xingyusu/GeneExp"}
    assert (again / "mask.bw").read_bytes() == (run / "mask.bw").read_bytes()
    server.requests.clear()
    score("third", "--offline")
    assert server.requests == []


@pytest.mark.slow
def test_features_are_derived_where_the_annotation_tells_of_translation(
    score: Score, server: FileServer, real: Path
) -> None:
    genes = real / "genes/gencode_v43.chr22.transcripts.bed12.gz"
    manifest = json.loads((score("derived", "--genes", str(genes)) / "manifest.json").read_text())
    assert manifest["settings"]["remarks"][2] == DERIVED
    (features,) = [entry["path"] for entry in manifest["inputs"] if entry["role"] == "features"]
    ours, theirs = read_table(features), read_table(real / "labels/chr22.genes_labels_features.tsv")
    row, expected = ours.text("gene_name").index("MYH9"), theirs.text("gene").index("MYH9")
    # Lengths in that table are scaled by rounded means: see its README.
    for name in ("UTR5GC", "CDSGC", "UTR3GC"):
        assert ours.numbers(name)[row] == pytest.approx(theirs.numbers(name)[expected], abs=1e-4)
    assert set(ours.numbers("PromoterActivity")) == {0}


@pytest.mark.slow
def test_the_authors_genes_and_features_are_used_once_they_are_there(
    run: Path, score: Score, server: FileServer, real: Path
) -> None:
    table = read_table(real / "labels/chr22.genes_labels_features.tsv")
    ids = table.text("ensembl_id")
    half_life = [",".join(("ENSID", "Gene name", *HALF_LIFE))]
    half_life += [",".join(row) for row in zip(ids, *map(table.text, ("gene", *HALF_LIFE)), strict=True)]
    columns = ("chrom", "tss", "strand", "ensembl_id", "H3K27ac_RPM_TSS1Kb", "DHS_RPM_TSS1Kb")
    genes = ["\t".join(("chr", "tss", "strand", "symbol", "H3K27ac.RPM.TSS1Kb", "DHS.RPM.TSS1Kb"))]
    genes += ["\t".join(row) for row in zip(*map(table.text, columns), strict=True)]
    tables = {"a_gene_expr_fromXpresso.csv": half_life, "K562_abc/GeneList.txt": genes}
    server.files[f"{HUB}/api/datasets/xingyusu/GeneExp"] = listing(*tables)
    server.files |= {f"{DATASET}/{name}": "\n".join(rows).encode() for name, rows in tables.items()}
    manifest = json.loads((score("authors") / "manifest.json").read_text())
    assert "features: published (K562, the authors' tables)" in manifest["settings"]["remarks"]
    (features,) = [entry["path"] for entry in manifest["inputs"] if entry["role"] == "features"]
    joined = read_table(features)
    row = joined.text("symbol").index("MYH9")
    expected = table.text("gene").index("MYH9")
    assert joined.numbers("PromoterActivity")[row] == pytest.approx(
        table.numbers("PromoterActivity")[expected], rel=1e-6
    )
    assert [joined.numbers(name)[row] for name in HALF_LIFE] == [
        table.numbers(name)[expected] for name in HALF_LIFE
    ]
