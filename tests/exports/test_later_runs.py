"""A run of a later major version of the format is refused by everybody who reads runs, in one line."""

from pathlib import Path

import pytest
from click.testing import CliRunner
from example_run import ExampleRun
from run_variants import change_manifest, copy_of_run
from seq2exp_tracks_cli.main import main


@pytest.fixture(scope="module")
def later(example: ExampleRun, tmp_path_factory: pytest.TempPathFactory) -> Path:
    run = copy_of_run(example, tmp_path_factory.mktemp("later"))
    change_manifest(run, version="2.0")
    return run


@pytest.mark.parametrize(
    "words",
    [
        ("view", "RUN", "--port", "0", "--no-browser"),
        ("plot", "RUN", "--gene", "A10", "--out", "OUT.png"),
        ("plot", "RUN", "--region", "chrA:1-1000", "--out", "OUT.png"),
        ("export", "html", "RUN", "--out", "OUT.html"),
        ("export", "hub", "RUN", "--out", "OUT"),
        ("export", "igv", "RUN", "--out", "OUT"),
        ("export", "jbrowse", "RUN", "--out", "OUT"),
        ("export", "washu", "RUN", "--out", "OUT"),
        ("evaluate", "RUN", "--truth", "TRUTH", "--out", "OUT"),
        ("diff", "RUN", "RUN", "--out", "OUT"),
    ],
    ids=lambda words: " ".join(words[:3]),
)
def test_a_later_major_version_is_refused(
    later: Path, example: ExampleRun, tmp_path: Path, words: tuple[str, ...]
) -> None:
    out = str(tmp_path / "out")
    given = {"RUN": str(later), "TRUTH": str(example.genome.truth), "OUT": out}
    words = tuple(given.get(word, word.replace("OUT", out)) for word in words)
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 1, done.output
    assert done.stderr.count("\n") == 1
    assert "manifest.json: version 2.0 is later than 1.3, which this seq2exp-tracks reads; upgrade it" in (
        done.stderr
    )
    assert list(tmp_path.iterdir()) == []
