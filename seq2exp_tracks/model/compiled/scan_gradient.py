"""The selective scan's gradients as instructions: backwards through one chunk of rows.

With g_t the gradient of the state h_t, of its own row and of all rows read after it,

    g_t = C_t dy_t + exp(delta_(t+1) A) g_(t+1)
    dB_t = sum over channels of g_t delta_t x_t        dC_t = sum over channels of dy_t h_t
    dx_t = delta_t (B_t · g_t) + D dy_t                dD = sum over t of dy_t x_t
    dA = sum over t of delta_t w_t                     ddelta_t = A · w_t + x_t (B_t · g_t)

where w_t = g_t exp(delta_t A) h_(t-1). The states are computed again from the one at the chunk's start.
"""

import math
from dataclasses import dataclass

from seq2exp_tracks.model.compiled.language import Code, Matrix, Term, Value, Variable
from seq2exp_tracks.model.compiled.mathematics import exp2
from seq2exp_tracks.model.compiled.scan import Scanned

# States that go backwards together: each needs two registers throughout.
_TOGETHER = 8


@dataclass(frozen=True, slots=True)
class Gradients:
    """Gradients of a loss with respect to what a scan reads and writes.

    Attributes:
        y: Of the output: what is given.
        x: Of the input; written.
        delta: Of the step sizes; written.
        B: Of B before channels are summed, a vector for each row and state, rows in reading order; added to.
        C: The same of C.
        A: (states, channels); added to.
        skip: Of D; added to.
        state: Of the state after the chunk's last row in reading direction, (states, channels); of the state
            before its first one when the chunk is through.
    """

    y: Matrix
    x: Matrix
    delta: Matrix
    B: Matrix
    C: Matrix
    A: Matrix
    skip: Matrix
    state: Matrix


@dataclass(frozen=True, slots=True)
class History:
    """What is computed again of a chunk, a vector for each row and state, rows in reading order.

    Attributes:
        decays: exp(delta_t A).
        states: h_(t-1).
    """

    decays: Matrix
    states: Matrix


def scan_gradient(
    code: Code,
    of: Scanned,
    to: Gradients,
    history: History,
    rows: Value,
    channels: Term,
    states: int,
    reverse: bool,
) -> None:
    """Writes down the way back through some rows; `of.state` is the state before the first one."""
    with code.loop(channels, code.lanes) as c:
        _skip(code, of, to, rows, c)
        for first in range(0, states, _TOGETHER):
            together = range(first, min(states, first + _TOGETHER))
            _again(code, of, history, together, rows, c, states, reverse)
            _back(code, of, to, history, together, rows, c, states, reverse)


def _skip(code: Code, of: Scanned, to: Gradients, rows: Value, c: Value) -> None:
    """The part of the gradients that goes past the states."""
    skip = Variable(code, to.skip[0, c])
    with code.loop(rows) as t:
        y = to.y[t, c]
        to.x[t, c] = of.skip[0, c] * y
        to.delta[t, c] = code.vector(0.0)
        skip.value = code.fused(y, of.x[t, c], skip.value)
    to.skip[0, c] = skip.value


def _again(
    code: Code,
    of: Scanned,
    history: History,
    together: range,
    rows: Value,
    c: Value,
    states: int,
    reverse: bool,
) -> None:
    """Computes some states of one vector of channels again."""
    h = {n: Variable(code, of.state[n, c]) for n in together}
    with code.loop(rows) as step:
        t = rows - step - 1 if reverse else step
        delta = of.delta[t, c]
        inflow = delta * of.x[t, c]
        for n in together:
            place = step * states + n
            decay = exp2(code, delta * of.rates[n, c])
            history.decays[place, 0] = decay
            history.states[place, 0] = h[n].value
            h[n].value = code.fused(decay, h[n].value, inflow * of.B.spread(t, n))


def _back(
    code: Code,
    of: Scanned,
    to: Gradients,
    history: History,
    together: range,
    rows: Value,
    c: Value,
    states: int,
    reverse: bool,
) -> None:
    """Goes back through the rows with some states of one vector of channels."""
    later = {n: Variable(code, to.state[n, c]) for n in together}
    A = {n: Variable(code, to.A[n, c]) for n in together}
    with code.loop(rows) as back:
        step = rows - back - 1
        t = back if reverse else step
        delta, x, y = of.delta[t, c], of.x[t, c], to.y[t, c]
        inflow = delta * x
        entering, decaying = code.vector(0.0), code.vector(0.0)
        for n in together:
            place = step * states + n
            decay = history.decays[place, 0]
            decayed = decay * history.states[place, 0]
            enters = of.B.spread(t, n)
            state = code.fused(y, of.C.spread(t, n), later[n].value)
            weight = state * decayed
            to.C[place, 0] = code.fused(y, code.fused(inflow, enters, decayed), to.C[place, 0])
            to.B[place, 0] = code.fused(state, inflow, to.B[place, 0])
            entering = code.fused(state, enters, entering)
            decaying = code.fused(weight, of.rates[n, c], decaying)
            A[n].value = code.fused(weight, delta, A[n].value)
            later[n].value = state * decay
        to.x[t, c] = code.fused(entering, delta, to.x[t, c])
        # rates = A / log(2)
        to.delta[t, c] = to.delta[t, c] + code.fused(entering, x, decaying * math.log(2))
    for n in together:
        to.state[n, c] = later[n].value
        to.A[n, c] = A[n].value
