// What the page asks its server for, and the one line that says why it failed.

const SILENT = "The server does not answer. Is `seq2exp-tracks view` still running?";

// The JSON of an address; throws an Error whose message is one line for people.
export async function getJson(address) {
  const response = await answered(() => fetch(address));
  const body = await response.json().catch(() => null);
  if (!response.ok || body === null) throw new Error(reason(response, body));
  return body;
}

// Has failed requests of HiGlass told, and answers them with the error of each tile: HiGlass writes that into the
// track, where otherwise it would load for ever.
export function watchTiles(onFailure) {
  const plain = window.fetch;
  window.fetch = async (resource, options) => {
    const address = String(resource?.url ?? resource);
    if (!address.includes("api/v1/")) return plain(resource, options);
    try {
      const response = await answered(() => plain(resource, options));
      if (response.ok) return response;
      throw new Error(reason(response, await response.json().catch(() => null)));
    } catch (error) {
      // A request that the page itself has broken off is no failure.
      if (error.name === "AbortError") throw error;
      onFailure(error);
      const ids = new URL(address, document.baseURI).searchParams.getAll("d");
      return Response.json(Object.fromEntries(ids.map((id) => [id, { error: error.message }])));
    }
  };
}

async function answered(ask) {
  try {
    return await ask();
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Error(SILENT);
  }
}

function reason(response, body) {
  return body?.error ?? `${response.url}: the server answered ${response.status} ${response.statusText}`;
}
