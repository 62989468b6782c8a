"""Inputs are shown from where the run read them, or a line says which is missing and what helps."""

import json
from pathlib import Path

import pytest
from example_run import ExampleRun

from higlass_views.found_inputs import FoundInputs, find_inputs
from seq2exp_tracks.errors import InputError
from seq2exp_tracks.manifest import InputEntry, Manifest


def with_inputs(example: ExampleRun, tmp_path: Path, *entries: InputEntry) -> Manifest:
    """The example's manifest with other inputs."""
    content = json.loads((example.folder / "manifest.json").read_text())
    content["inputs"] = [
        {"role": entry.role, "path": entry.path, "bytes": entry.bytes, "sha256": entry.sha256}
        for entry in entries
    ]
    path = tmp_path / "manifest.json"
    path.write_text(json.dumps(content))
    return Manifest.read(path)


def entry(role: str, path: Path, size: int | None = None) -> InputEntry:
    return InputEntry(role, str(path), path.stat().st_size if size is None else size, "0" * 64)


def test_dnase_comes_first_and_contacts_are_profile_and_map(example: ExampleRun) -> None:
    found = find_inputs(Manifest.read(example.folder))
    genome = example.genome
    signals = {"DNase": genome.dnase, "H3K27ac": genome.h3k27ac}
    assert found == FoundInputs(signals, genome.contacts, genome.contacts, None, ())
    assert list(found.signals) == ["DNase", "H3K27ac"]


def test_stored_contact_is_no_map_and_says_so(example: ExampleRun, tmp_path: Path) -> None:
    hic = example.genome.contacts
    manifest = with_inputs(example, tmp_path, entry("contacts:chrA", hic))
    told = "Hi-C: the run read a stored vector for each TSS; show a map with --hic FILE"
    assert find_inputs(manifest) == FoundInputs({}, None, None, None, (told,))
    assert find_inputs(manifest, hic=hic) == FoundInputs({}, None, hic, None, ())


def test_what_is_gone_or_changed_is_told_with_the_option_that_gives_it(
    example: ExampleRun, tmp_path: Path
) -> None:
    gone = tmp_path / "gone"
    manifest = with_inputs(
        example,
        tmp_path,
        entry("signal:DNase", gone, 5),
        entry("contacts", example.genome.contacts, 5),
        entry("genes", gone, 5),
        entry("fasta", gone, 5),
    )
    assert find_inputs(manifest) == FoundInputs(
        {},
        None,
        None,
        None,
        (
            f"DNase: {gone} is not there; put the bigWig of the run back there",
            f"Hi-C: {example.genome.contacts} has changed since the run; show it with --hic FILE",
            f"Gene annotation: {gone} is not there; show it with --genes GTF",
        ),
    )


def test_given_files_take_the_place_of_those_that_are_gone(example: ExampleRun, tmp_path: Path) -> None:
    gone, genome = tmp_path / "gone", example.genome
    manifest = with_inputs(example, tmp_path, entry("contacts", gone, 5), entry("genes", gone, 5))
    found = find_inputs(manifest, genes=genome.genes, hic=genome.contacts)
    assert found == FoundInputs({}, genome.contacts, genome.contacts, genome.genes, ())


def test_contact_with_the_tss_stays_what_the_model_read_where_another_map_is_given(
    example: ExampleRun, tmp_path: Path
) -> None:
    other = tmp_path / "other.cool"
    other.touch()
    found = find_inputs(Manifest.read(example.folder), hic=other)
    assert (found.contacts, found.contact_map) == (example.genome.contacts, other)


def test_a_map_of_a_run_without_contacts_has_no_profile(example: ExampleRun, tmp_path: Path) -> None:
    found = find_inputs(with_inputs(example, tmp_path), hic=example.genome.contacts)
    assert found == FoundInputs({}, None, example.genome.contacts, None, ())


@pytest.mark.parametrize("option", ["genes", "hic"])
def test_a_given_file_that_is_not_there_is_a_mistake(
    example: ExampleRun, tmp_path: Path, option: str
) -> None:
    with pytest.raises(InputError) as caught:
        find_inputs(Manifest.read(example.folder), **{option: tmp_path / "none"})
    assert str(caught.value) == (
        f"{tmp_path / 'none'}: no such file, given by --{option}; name one that is there"
    )
