"""`bench`: its figures for programs and for people."""

import json
from dataclasses import replace

from playground import Playground, Run
from seq2exp_tracks_cli.speed_table import as_record, as_table

from seq2exp_tracks.model import SOFT
from seq2exp_tracks.scoring.bench.peaks import Peaks
from seq2exp_tracks.scoring.bench.speed import Speed
from seq2exp_tracks.scoring.bench.work import least_work

SPEED = Speed(
    config=SOFT,
    window=200_000,
    measured=200_000,
    work=least_work(SOFT, 200_000),
    alone=Peaks(250e9, 15e9),
    together=(Peaks(240e9, 14e9), Peaks(240e9, 14e9)),
    seconds=(5.0, 5.0),
    busy=0.97,
    memory=1_070_000_000,
    kernels="avx512",
)


def test_the_table_says_what_the_machine_gives_and_how_long_a_genome_takes() -> None:
    assert as_table(SPEED).splitlines() == [
        "model         soft, 128 channels, 4 + 4 layers",
        "window        200,000 bp",
        "one window    362 GFLOP in matrix products, 14.2 G exp",
        "kernels       avx512",
        "",
        "measured peak               one core    all of 2",
        "products, GFLOP/s                250         480",
        "exp, G/s                        15.0        28.0",
        "",
        "scoring                        floor    measured",
        "seconds a window, each          2.52        5.00",
        "windows a second, all           0.79        0.40",
        "",
        "reached       50% of what the peaks would allow",
        "memory        1.07 GB a process",
        "18,377 genes  about 12.8 h",
    ]


def test_a_table_tells_of_windows_that_were_shortened() -> None:
    line = as_table(replace(SPEED, measured=50_000)).splitlines()[1]
    assert line == "window        200,000 bp (scaled from windows of 50,000 bp)"


def test_a_table_tells_that_the_cores_were_not_its_own() -> None:
    assert as_table(replace(SPEED, busy=0.6)).splitlines() == [
        *as_table(SPEED).splitlines(),
        "beware        other programs took the cores 40% of the time: measure again alone",
    ]


def test_the_record_has_the_figures_of_the_table() -> None:
    record = as_record(SPEED)
    assert record["windows_per_second"] == 0.4
    assert record["seconds_per_window"] == 5.0
    assert record["all_cores_gflop_per_second"] == 480
    assert record["hours_for_18377_genes"] == 18_377 / 0.4 / 3600
    assert record["fraction_of_floor"] == SPEED.fraction


def test_the_command_measures_a_checkpoint(playground: Playground, inside: Run) -> None:
    done = inside(
        "bench", "--checkpoint", playground.checkpoint, "--workers", "1", "--seconds", "0.5", "--json"
    )
    assert done.returncode == 0, done.stderr
    record = json.loads(done.stdout)
    assert record["window_bp"] == record["measured_window_bp"] == 20_000
    assert record["processes"] == 1
    assert record["windows_per_second"] > 0
    assert set(record) == set(as_record(SPEED))


def test_a_window_that_the_checkpoint_cannot_score_is_refused_in_one_line(
    playground: Playground, inside: Run
) -> None:
    done = inside("bench", "--checkpoint", playground.checkpoint, "--window", "100")
    assert done.returncode == 1
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"Error: {playground.checkpoint}: a window of 100 bp is shorter than")
