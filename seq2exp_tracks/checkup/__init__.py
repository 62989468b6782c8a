"""A look at an installation and at the inputs of a run before it begins: what is wrong, and the way out.

Nothing is written and nothing raises what a user can get wrong: it becomes a finding.
"""

from seq2exp_tracks.checkup.finding import Finding, Level, worst
from seq2exp_tracks.checkup.request import CheckupRequest
from seq2exp_tracks.checkup.run import check_up

__all__ = ["CheckupRequest", "Finding", "Level", "check_up", "worst"]
