"""The selective scan as instructions: the states of one vector of channels stay in registers.

    h_t = exp(delta_t A) h_(t-1) + delta_t x_t B_t;   y_t = C_t · h_t + D x_t

`scan.reference` is the definition.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from seq2exp_tracks.model.compiled.language import Code, Matrix, Term, Value, Variable
from seq2exp_tracks.model.compiled.mathematics import exp2

# Independent sums of states: additions wait for each other otherwise.
_SUMS = 4


@dataclass(frozen=True, slots=True)
class Scanned:
    """What a scan reads and writes.

    Attributes:
        x: Input, rows of channels.
        delta: Step sizes, likewise.
        B: How the input enters each state, rows of states.
        C: How each state leaves.
        rates: A / log(2), (states, channels): the rates of powers of two.
        skip: D, one row.
        state: States before the first row in reading direction, (states, channels); after the last one when
            the scan is through.
        y: Output.
    """

    x: Matrix
    delta: Matrix
    B: Matrix
    C: Matrix
    rates: Matrix
    skip: Matrix
    state: Matrix
    y: Matrix


def scan(
    code: Code,
    of: Scanned,
    rows: Value,
    channels: Term,
    states: int,
    reverse: bool,
    ahead: Sequence[Matrix] = (),
) -> None:
    """Writes down a scan over some rows, in reading direction.

    Args:
        code: Where to.
        of: What is scanned.
        rows: How many rows.
        channels: How many channels.
        states: States a channel.
        reverse: Read from the last row to the first.
        ahead: Matrices whose rows, as many, are brought near meanwhile: a scan computes long on few numbers.
    """
    with code.loop(channels, code.lanes) as c:
        h = [Variable(code, of.state[n, c]) for n in range(states)]
        with code.loop(rows) as step:
            t = rows - step - 1 if reverse else step
            delta, x = of.delta[t, c], of.x[t, c]
            for matrix in ahead:
                matrix.fetch(t, c * matrix.width / channels)
            inflow = delta * x
            sums = [of.skip[0, c] * x] + [code.vector(0.0)] * (_SUMS - 1)
            for n in range(states):
                decay = exp2(code, delta * of.rates[n, c])
                h[n].value = code.fused(decay, h[n].value, inflow * of.B.spread(t, n))
                sums[n % _SUMS] = code.fused(h[n].value, of.C.spread(t, n), sums[n % _SUMS])
            of.y[t, c] = (sums[0] + sums[1]) + (sums[2] + sums[3])
        for n in range(states):
            of.state[n, c] = h[n].value
