"""`genome add`: what is wrong is told before minutes are spent on reading."""

from pathlib import Path

from playground import Playground, Run


def test_a_taken_name_is_refused_before_any_file_is_read(
    playground: Playground, inside: Run, tmp_path: Path
) -> None:
    files = ("--fasta", tmp_path / "none.fa", "--genes", playground.genome.genes)
    before = (playground.config / "genomes.toml").read_bytes()
    done = inside("genome", "add", "sim", *files)
    assert (done.returncode, done.stdout, done.stderr) == (
        1,
        "",
        "Error: genome 'sim' is registered already; replace it with --overwrite\n",
    )
    for name in (("sim", "--overwrite"), ("other",)):
        done = inside("genome", "add", *name, *files)
        assert done.returncode == 1
        assert str(tmp_path / "none.fa") in done.stderr.splitlines()[-1]
    assert (playground.config / "genomes.toml").read_bytes() == before
