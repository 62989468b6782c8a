"""The colour of each thing we draw, the same in every picture and browser view.

Okabe and Ito's palette (2008), which people with any common colour blindness can tell apart; what is not
known or not scored is grey.
"""

# Tracks, by the model's name for a signal and by ours for what it learned.
TRACKS = {
    "DNase": "#0072B2",  # blue
    "H3K27ac": "#009E73",  # bluish green
    "HiC": "#CC79A7",  # reddish purple
    "mask": "#D55E00",  # vermillion
    "mask.applied": "#E69F00",  # orange
}
# Any signal that has no colour of its own.
OTHER_SIGNAL = "#56B4E9"  # sky blue

# Called elements, and planted or measured ones that they are compared with.
PROMOTER = "#000000"
DISTAL = "#D55E00"
DECOY = "#999999"
GIVEN = "#0072B2"

# Expression of a gene, as predicted and as measured; a difference, where it is above 0 and where below.
PREDICTED = "#000000"
MEASURED = "#767676"
MORE = "#D55E00"  # vermillion
LESS = "#0072B2"  # blue

INK = "#222222"  # text, axes
FAINT = "#767676"  # secondary text: contrast 4.5 to 1 on white
UNKNOWN = "#D9D9D9"  # the hatching of what is not scored
