// What the page asks its server for, and the one line that says why it failed.

const SILENT = "The server does not answer. Is `seq2exp-tracks view` still running?";

// The JSON of an address; throws an Error whose message is one line for people.
export async function getJson(address) {
  let response;
  try {
    response = await fetch(address);
  } catch {
    throw new Error(SILENT);
  }
  const body = await response.json().catch(() => null);
  if (!response.ok || body === null) {
    throw new Error(body?.error ?? `${address}: the server answered ${response.status} ${response.statusText}`);
  }
  return body;
}

// Tells of failed tile requests, which HiGlass itself would show as a track that loads for ever.
export function watchTiles(onFailure) {
  const plain = window.fetch;
  window.fetch = async (resource, options) => {
    const address = String(resource?.url ?? resource);
    const ofTiles = address.includes("api/v1/");
    try {
      const response = await plain(resource, options);
      if (ofTiles && !response.ok) {
        const body = await response.clone().json().catch(() => null);
        onFailure(body?.error ?? `A track could not be loaded: the server answered ${response.status}.`);
      }
      return response;
    } catch (error) {
      // A request that the page itself has broken off is no failure.
      if (ofTiles && error.name !== "AbortError") onFailure(SILENT);
      throw error;
    }
  };
}
