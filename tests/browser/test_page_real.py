"""The page of real genes of chr22: drawn where the files have their values, found by name, compared."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pyBigWig
import pytest
from chromium import Visit
from drawn_extremes import AXIS_WIDTH, check_extremes
from playwright.sync_api import Page, expect
from shown_page import COMMAND, Picture, need_bundle, region, serving, tracks, wait_until_drawn

Open = Callable[..., Visit]

LENGTH = 50_818_468

# Protein-coding genes in a row around MYH9 and the APOL cluster, whose windows overlap here and there.
GENES = (
    "MB", "APOL6", "APOL5", "RBFOX2", "APOL3", "APOL4", "APOL2", "APOL1", "MYH9", "TXN2", "FOXRED2",
    "EIF3D", "CACNG2", "IFT27", "PVALB", "NCF4", "CSF2RB", "TEX33", "TST", "MPST", "KCTD17", "TMPRSS6",
    "IL2RB", "C1QTNF6", "SSTR3", "RAC2", "CYTH4", "ELFN2", "MFNG", "CARD10", "CDC42EP1", "LGALS2", "GGA1",
    "SH3BP1", "PDXP", "LGALS1", "NOL12", "TRIOBP", "H1F0", "GCAT", "GALR3", "ANKRD54",
)  # fmt: skip


@pytest.fixture(scope="session")
def score(real: Path, golden: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Scores genes of chr22 with the signals of a cell type."""
    folder = tmp_path_factory.mktemp("real")
    environment = os.environ | {"SEQ2EXP_TRACKS_CONFIG": str(folder / "config")}

    def command(*arguments: str | Path) -> None:
        subprocess.run([COMMAND, *map(str, arguments)], check=True, env=environment, capture_output=True)

    command(
        *("genome", "add", "hg38", "--fasta", real / "genome/hg38.chr22.fa.gz"),
        *("--genes", real / "genes/CollapsedGeneBounds.hg38.bed"),
        *("--blacklist", real / "blacklist/GRCh38_unified_blacklist.bed"),
        *("--features", real / "labels/chr22.genes_labels_features.tsv"),
    )

    def call(name: str, *genes: str, window: int, cell: str = "K562", per_gene: bool = False) -> Path:
        command(
            *("score", "--genome", "hg38", "--checkpoint", golden / "soft_wide_8k" / "checkpoint.ckpt"),
            *("--gene-type", "protein_coding", "--window", str(window)),
            *("--signal", f"H3K27ac={real / 'signals/K562.H3K27ac.candidate_regions.chr22.bw'}"),
            *("--signal", f"DNase={real / f'signals/{cell}.accessibility.chr22.bw'}"),
            *("--contacts", real / "hic/K562.chr22.5kb.cool"),
            *(word for gene in genes for word in ("--gene", gene)),
            *("--labels", real / "labels/chr22.genes_labels_features.tsv", "--label-column", "K562_RNA_TPM"),
            *(("--per-gene",) if per_gene else ()),
            *("--out", folder / name),
        )
        return folder / name

    return call


@pytest.fixture(scope="session")
def run(score: Callable[..., Path]) -> Path:
    assert len(GENES) >= 40
    return score("K562", *GENES, window=20_000, per_gene=True)


@pytest.fixture(scope="session")
def served_run(run: Path) -> Iterator[str]:
    need_bundle()
    with serving(run) as address:
        yield address


def values(path: Path) -> np.ndarray:
    with pyBigWig.open(str(path)) as file:
        return np.asarray(file.values("chr22", 0, LENGTH, numpy=True), dtype=float)


def assert_every_track_is_drawn(page: Page, least: int) -> None:
    found, picture = tracks(page), Picture.of(page)
    assert len(found) >= least
    for uid, track in found.items():
        dark = picture.of_track(track)[:, :-AXIS_WIDTH].min(axis=2) < 215
        assert dark.sum() > 20, uid


@pytest.mark.slow
def test_every_track_of_a_real_gene_is_drawn(served_run: str, visit: Open) -> None:
    page = visit(f"{served_run}#view=gene&gene=MYH9", height=1400).page
    wait_until_drawn(page, "gene")
    assert_every_track_is_drawn(page, 10)
    told = page.locator("#gene").inner_text()
    assert "ENSG00000100345" in told
    assert "K562_RNA_TPM" in told


@pytest.mark.slow
@pytest.mark.parametrize(
    "at",
    [
        "chr22:36,378,068-36,398,067",  # one gene's window
        "chr22:36,229,645-36,263,070",  # windows of APOL2 and APOL1, which overlap
        "chr22:36,388,001-36,388,700",  # single bases
    ],
)
def test_extremes_of_mask_and_signal_are_where_the_files_have_them(
    served_run: str, run: Path, real: Path, visit: Open, at: str
) -> None:
    page = visit(f"{served_run}#view=region&at={at}").page
    wait_until_drawn(page, "region")
    check_extremes(page, "r0-mask", values(run / "mask.bw"))
    (dnase,) = (
        uid for uid, track in tracks(page).items() if track.options.get("name", "").startswith("DNase")
    )
    check_extremes(page, dnase, values(real / "signals/K562.accessibility.chr22.bw"))


@pytest.mark.slow
def test_a_real_gene_is_found_by_name(served_run: str, visit: Open) -> None:
    page = visit(f"{served_run}#view=genome").page
    wait_until_drawn(page, "genome")
    page.keyboard.press("/")
    page.keyboard.type("apol1")
    page.keyboard.press("Enter")
    expect(page.locator("#view-title")).to_have_text("APOL1")
    wait_until_drawn(page, "gene")
    start, end = region(page)
    assert start < 36_253_070 < end
    # Not scored, but in the annotation.
    page.locator("#place").fill("SOX10")
    page.keyboard.press("Enter")
    page.wait_for_function("seq2exp.viewer.region[0] > 37900000 && seq2exp.viewer.region[1] < 38100000")


@pytest.mark.slow
def test_two_cell_types_are_compared(score: Callable[..., Path], visit: Open) -> None:
    genes = ("MYH9", "APOL1", "TXN2")
    runs = [score(f"{cell}-few", *genes, window=20_000, cell=cell) for cell in ("K562", "GM12878")]
    with serving(*runs) as address:
        page = visit(f"{address}#view=compare&gene=TXN2", height=1600).page
        wait_until_drawn(page, "compare")
        expect(page.locator("#run-names")).to_have_text("K562-few and GM12878-few")
        assert_every_track_is_drawn(page, 12)
        signals = [track.uid for track in tracks(page).values() if "DNase" in track.options.get("name", "")]
        assert len(signals) == 2


@pytest.mark.slow
def test_a_whole_window_of_the_published_length_is_drawn(score: Callable[..., Path], visit: Open) -> None:
    run = score("whole", "MYH9", window=200_000, per_gene=True)
    with serving(run) as address:
        page = visit(f"{address}#view=gene&gene=MYH9", height=1400).page
        wait_until_drawn(page, "gene")
        start, end = region(page)
        assert end - start == pytest.approx(200_000)
        assert_every_track_is_drawn(page, 10)
        (mask,) = (uid for uid, track in tracks(page).items() if track.options.get("lineStrokeColor"))
        check_extremes(page, mask, values(next((run / "genes").glob("*.mask.bw"))))
