"""What `prepare` refuses, in one line that says what to do, before it leaves anything."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from prepare_calls import Prepare
from seq2exp_tracks_cli.main import main
from small_alignments import Read, write_alignments
from small_genome import SIZES


def test_an_annotation_without_translation_is_refused_before_reads_are_indexed(
    files: dict[str, Path], tmp_path: Path
) -> None:
    untranslated, bam = tmp_path / "few.gtf", tmp_path / "DNase.bam"
    untranslated.write_text(files["gtf"].read_text().replace("CDS", "UTR"))
    bam.write_bytes(files["DNase"].read_bytes())
    words = ["prepare", "--name", "mine", "--fasta", str(files["fasta"]), "--gtf", str(untranslated)]
    words += ["--bam", f"DNase={bam}", "--without", "H3K27ac", "--workers", "1"]
    refused = CliRunner().invoke(main, [*words, "--out", str(tmp_path / "cells")], catch_exceptions=False)
    assert refused.exit_code == 1
    assert refused.stderr.startswith(f"Error: {untranslated}: no transcript in it has a coding sequence")
    assert refused.stderr.endswith(
        "; name a full annotation by --gtf, or give the features by --half-life TABLE\n"
    )
    assert sorted(path.name for path in tmp_path.iterdir()) == ["DNase.bam", "few.gtf"]


@pytest.mark.parametrize(
    ("reads", "told"),
    [
        ([], "no read in it counts (it has none on the genome)"),
        (
            [Read("chr1", 10, mapq=2), Read("chr1", 10, mapq=2), Read("chr1", 10, flag=1024)],
            "no read in it counts (2 mapping quality below 30, 1 duplicate)",
        ),
        ([Read("chr1", 10, 36, 1 | 64)], "no read in it counts (1 not in a proper pair)"),
    ],
)
def test_a_file_of_which_nothing_counts_is_refused(
    reads: list[Read], told: str, prepare: Prepare, tmp_path: Path
) -> None:
    bam = write_alignments(tmp_path / "few.bam", SIZES, reads)
    given = ("--bam", f"H3K27ac={bam}", "--without", "DNase", "--out", tmp_path / "cells")
    assert prepare(*given) == (1, f"Error: {bam}: {told}")
    assert not (tmp_path / "cells").exists()


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--without", "DNase", "--without", "H3K27ac"], "Error: no signal is given"),
        (["--bam", "DNase=a", "--atac", "DNase=b"], "Error: the signal DNase is given 2 times"),
        (
            ["--bam", "DNase.bam"],
            "Error: Invalid value for '--bam': 'DNase.bam' is not NAME=FILE, for example H3K27ac=k562.bam",
        ),
        (
            ["--bam", "DNase1=a", "--bam", "H3K27ac=b"],
            "Error: no DNase, of which promoter activity is made (given: DNase1, H3K27ac)",
        ),
        (["--bam", "a/b=c"], "Error: 'a/b' cannot name a file"),
        (["--bam", "DNase=a", "--without", "H3K27ac", "--count", "K4=cut"], "Error: --count K4=…: no reads"),
        (["--bam", "DNase=a", "--count", "cuts"], "Error: Invalid value for '--count': 'cuts' is not one of"),
        (["--bam", "DNase=a", "--extend", "0"], "Error: Invalid value for '--extend': '0' is not a number"),
        (["--bam", "DNase=a", "--tn5-shift", "4"], "Error: Invalid value for '--tn5-shift': '4' is not"),
        (["--exclude-blacklist"], "Error: --exclude-blacklist needs --genome with a blacklist"),
    ],
)
def test_requests_that_make_no_sense_are_refused(
    arguments: list[str], told: str, prepare: Prepare, tmp_path: Path
) -> None:
    status, error = prepare(*arguments, "--out", tmp_path / "cells")
    assert status in (1, 2)
    assert error.startswith(told)


def test_a_genome_is_needed(prepare: Prepare, tmp_path: Path) -> None:
    status, error = prepare("--bam", "DNase=a", "--out", tmp_path / "cells", genome=False)
    assert (status, error.startswith("Error: no genome: give --genome NAME, or both --fasta")) == (1, True)
