"""A request as JSON and back: the same run on another machine."""

import json
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seq2exp_tracks.errors import InputError
from seq2exp_tracks.pipeline.request import ScoreRequest
from seq2exp_tracks.pipeline.request_json import from_json, to_json
from seq2exp_tracks.resources.registry import GenomeEntry

NAMES = st.text(st.characters(codec="utf-8", exclude_characters="/\0"), min_size=1, max_size=8)
PATHS = NAMES.filter(lambda name: name not in (".", "..")).map(lambda name: Path("/data") / name)
TEXTS = st.lists(NAMES, max_size=3).map(tuple)
FIELDS: dict[str, st.SearchStrategy[Any]] = {
    "genome": st.builds(GenomeEntry, NAMES, PATHS, PATHS, st.none() | PATHS, st.none() | PATHS),
    "checkpoint": PATHS,
    "out": PATHS,
    "signals": st.dictionaries(NAMES, PATHS, max_size=3),
    "contacts": st.none() | PATHS,
    "no_contacts": st.just(False),
    "without": TEXTS,
    "contacts_norm": st.sampled_from(["VC", "ICE"]),
    "clip_negative": st.booleans(),
    "match_scale": st.sampled_from(["none", "quantile", "factor"]),
    "gene_types": TEXTS,
    "bed_tss": st.sampled_from(["strand", "middle"]),
    "labels": PATHS,
    "label_column": NAMES,
    "chroms": TEXTS,
    "names": TEXTS,
    "region": st.none() | NAMES,
    "window": st.none() | st.integers(1),
    "merge": st.sampled_from(["max", "mean", "nearest"]),
    "top_share": st.none() | st.floats(0, 1, exclude_min=True),
    "threshold": st.none(),
    "gap": st.integers(0),
    "min_length": st.integers(1),
    "per_gene": st.none() | st.booleans(),
    "resolution": st.integers(1),
    "bin_by": st.sampled_from(["mean", "max"]),
    "precision": st.none() | st.integers(0, 7),
    "shared_generator": st.booleans(),
    "tolerance": st.floats(0, allow_infinity=False),
    "calibration_genes": st.integers(1),
    "device": NAMES,
    "precision_compute": st.sampled_from(["fp32", "bf16"]),
    "windows_in_flight": st.none() | st.integers(1),
    "patience": st.floats(0, exclude_min=True, allow_infinity=False),
    "workers": st.none() | st.integers(1),
    "writers": st.none() | st.integers(0),
    "executor": st.just("local"),
    "address": st.none(),
    "overwrite": st.booleans(),
    "resume": st.booleans(),
    "allow_mixed": st.booleans(),
    "keep_shards": st.booleans(),
    "cells": st.none() | NAMES,
    "remarks": TEXTS,
}


def test_every_field_of_a_request_is_among_those_that_are_tried() -> None:
    assert {field.name for field in fields(ScoreRequest)} == FIELDS.keys()


@settings(max_examples=40)
@given(st.fixed_dictionaries(FIELDS))
def test_every_field_comes_back_through_a_file(chosen: dict[str, Any]) -> None:
    request = ScoreRequest(**chosen)
    assert from_json(json.loads(json.dumps(to_json(request)))) == request


@pytest.mark.parametrize(
    "other", [{"no_contacts": True}, {"threshold": 0.5}, {"executor": "ray", "address": "auto"}]
)
def test_what_excludes_others_comes_back_too(other: dict[str, Any]) -> None:
    genome = GenomeEntry("hg38", Path("/data/a.fa"), Path("/data/a.gtf"))
    request = ScoreRequest(genome=genome, checkpoint=Path("/data/soft"), out=Path("/out"), **other)
    assert from_json(json.loads(json.dumps(to_json(request)))) == request


def test_paths_are_absolute_and_links_stay_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "blob").touch()
    Path("k562.bw").symlink_to("blob")
    genome = GenomeEntry("hg38", Path("a.fa"), Path("a.gtf"))
    request = ScoreRequest(
        genome=genome, checkpoint=Path("soft"), out=Path("out"), signals={"DNase": Path("k562.bw")}
    )
    found = to_json(request)
    assert found["signals"] == {"DNase": str(tmp_path / "k562.bw")}
    assert found["genome"] == {
        "name": "hg38",
        "fasta": str(tmp_path / "a.fa"),
        "genes": str(tmp_path / "a.gtf"),
    }
    assert (found["checkpoint"], found["out"]) == (str(tmp_path / "soft"), str(tmp_path / "out"))


def test_what_a_later_version_asks_beyond_is_passed_over() -> None:
    genome = GenomeEntry("hg38", Path("/data/a.fa"), Path("/data/a.gtf"))
    request = ScoreRequest(genome=genome, checkpoint=Path("/data/soft"), out=Path("/out"))
    assert from_json(to_json(request) | {"of_a_later_version": 1}) == request


@pytest.mark.parametrize(
    "damaged", [{"genome": 3}, {"genome": {"name": "a"}}, {"signals": [1]}, {"checkpoint": 5}]
)
def test_a_damaged_request_is_one_line(damaged: dict[str, Any]) -> None:
    genome = GenomeEntry("hg38", Path("/data/a.fa"), Path("/data/a.gtf"))
    request = ScoreRequest(genome=genome, checkpoint=Path("/data/soft"), out=Path("/out"))
    with pytest.raises(InputError, match=r"^the plan of the run is damaged \([^\n]*--overwrite$"):
        from_json(to_json(request) | damaged)
