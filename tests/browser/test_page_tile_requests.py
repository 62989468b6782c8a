"""No request for tiles is forgotten, at whatever moment it comes."""

from collections.abc import Callable

from chromium import Visit
from shown_page import wait_until_drawn

Open = Callable[..., Visit]

# HiGlass sends a first request at once and sets two timers of 100 ms: at the first it sends what has come
# since, at the second it begins anew. Here the second is late, as on a busy machine, and a request comes
# between them.
BETWEEN_TIMERS = """async () => {
    const pause = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));
    const { dataFetcher, visibleTiles } = seq2exp.viewer.tracks.find((track) => track.visibleTileIds?.size);
    const ask = () => dataFetcher.fetchTilesDebounced(() => {}, [visibleTiles[0].remoteId]);
    await pause(500);
    const plain = window.setTimeout;
    const timers = [];
    window.setTimeout = (call, milliseconds, ...more) => {
        timers.push(milliseconds);
        return plain(call, milliseconds + (timers.length === 2 ? 300 : 0), ...more);
    };
    const first = ask();
    window.setTimeout = plain;
    await pause(200);
    const second = ask();
    await first;
    const answer = await Promise.race([second, pause(20000)]);
    return { timers, tiles: Object.keys(answer ?? {}).length };
}"""


def test_a_request_between_two_timers_is_answered(example_page: str, visit: Open) -> None:
    page = visit(example_page).page
    wait_until_drawn(page)
    assert page.evaluate(BETWEEN_TIMERS) == {"timers": [100, 100], "tiles": 1}
