// Tiles by messages to the kernel instead of HTTP. Each request has an id, and Python's answer carries the same id.

import { ask } from "./messages.js";

// The server that higlass-python names in tracks whose tiles come from the kernel.
const KERNEL = "jupyter";

// Tile requests of this many milliseconds go to the kernel together.
const GATHER_MS = 10;

// Registers how tiles are fetched from the kernel of this widget, and returns the name it is known by to HiGlass.
// The name is the client's own: two notebooks in one page have two kernels.
export async function registerFetcher(model) {
  const clientId = model.get("_tileset_client").slice("IPY_MODEL_".length);
  const client = await model.widget_manager.get_model(clientId);
  const name = `${KERNEL}-${clientId}`;
  window.higlassDataFetchersByType ??= {};
  window.higlassDataFetchersByType[name] ??= { name, dataFetcher: fetcherOf(client, name) };
  return name;
}

// A copy of the view config whose tracks of the kernel ask the fetcher.
export function fetchedFrom(viewconf, fetcher) {
  const copy = structuredClone(viewconf);
  const direct = (track) => {
    if (track.server === KERNEL) {
      delete track.server;
      track.data = { ...track.data, type: fetcher, tilesetUid: track.tilesetUid };
    }
    track.contents?.forEach(direct);
  };
  for (const view of copy.views) Object.values(view.tracks).flat().forEach(direct);
  return copy;
}

// HiGlass calls this with `new`, and hands itself over.
function fetcherOf(client, name) {
  return function KernelFetcher(higlass, config, pubSub) {
    return new higlass.dataFetchers.DataFetcher({ ...config, server: name }, pubSub, {
      fetchTilesetInfo: ({ tilesetUid }) => tilesetInfo(client, tilesetUid),
      fetchTiles: gathered((tileIds) => tiles(client, tileIds, (answer) =>
        higlass.services.tileResponseToData(answer, name, tileIds))),
      registerTileset() {
        throw new Error("tilesets of a notebook are registered in Python");
      },
    });
  };
}

// What fails is told in the track itself: HiGlass writes the text of `error` where the track would be.
async function tilesetInfo(client, tilesetUid) {
  try {
    return await ask(client, { type: "tileset_info", tilesetUid });
  } catch (error) {
    return { [tilesetUid]: { error: error.message } };
  }
}

async function tiles(client, tileIds, decode) {
  try {
    return decode(await ask(client, { type: "tiles", tileIds }));
  } catch (error) {
    return Object.fromEntries(tileIds.map((id) => [id, { error: error.message }]));
  }
}

// Puts requests of one moment together, each tile once, and gives each the tiles that it asked for.
function gathered(fetchAll) {
  let waiting = [];
  const send = async () => {
    const requests = waiting;
    waiting = [];
    const found = await fetchAll([...new Set(requests.flatMap(({ tileIds }) => tileIds))]);
    for (const { tileIds, resolve } of requests) {
      resolve(Object.fromEntries(tileIds.filter((id) => found[id]).map((id) => [id, found[id]])));
    }
  };
  return ({ tileIds }) =>
    new Promise((resolve) => {
      if (waiting.length === 0) setTimeout(send, GATHER_MS);
      waiting.push({ tileIds, resolve });
    });
}
