"""placeholder"""

from seq2exp_tracks.model.scan import reference

selective_scan = reference.selective_scan
