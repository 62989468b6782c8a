// The viewer in a notebook: an anywidget module that speaks with higlass-python's HiGlassWidget (1.4), with HiGlass
// and the arcs inside, so that it works without a network.
//
// Traits: _viewconf, _options, _tileset_client, and location, which goes back to Python. `_plugin_urls` is passed
// over: what our views need is bundled.

import { CSS, viewer } from "../higlass.js";
import { fetchedFrom, registerFetcher } from "./tilesets.js";

// What Python may call, and how its arguments are meant.
const CALLS = {
  // Nothing named means everything.
  reload: (api, items) => api.reload(items?.length ? items : undefined),
  zoomTo: (api, ...place) => api.zoomTo(...place),
};

async function render({ model, el }) {
  const fetcher = await registerFetcher(model);
  const box = shadowBox(el);
  const viewconf = fetchedFrom(model.get("_viewconf"), fetcher);
  const api = await viewer(box, viewconf, model.get("_options") ?? {});
  const onMessage = (message) => {
    const [name, ...rest] = typeof message === "string" ? JSON.parse(message) : message;
    CALLS[name]?.(api, ...rest);
  };
  model.on("msg:custom", onMessage);
  tellLocation(api, model, viewconf.views);
  const release = keepEvents(el);
  return () => {
    model.off("msg:custom", onMessage);
    release();
    api.destroy();
  };
}

// A box that the notebook's styles do not reach.
function shadowBox(el) {
  const shadow = el.shadowRoot ?? el.attachShadow({ mode: "open" });
  const styles = new CSSStyleSheet();
  styles.replaceSync(CSS);
  shadow.adoptedStyleSheets = [styles];
  const box = document.createElement("div");
  shadow.replaceChildren(box);
  return box;
}

// `location`: [x start, x end, y start, y end] of the only view, or one such list a view.
function tellLocation(api, model, views) {
  const numbers = ({ xDomain, yDomain }) => [...xDomain, ...yDomain];
  views.forEach(({ uid }, index) => {
    api.on("location", (place) => {
      const all = [...(model.get("location") ?? [])];
      all[index] = numbers(place);
      model.set("location", views.length === 1 ? numbers(place) : all);
      model.save_changes();
    }, uid);
  });
}

// The wheel zooms and the right button opens HiGlass' menu; the notebook must not scroll or open its own.
function keepEvents(el) {
  const wheel = (event) => {
    event.preventDefault();
    event.stopPropagation();
  };
  const menu = (event) => event.stopPropagation();
  el.addEventListener("wheel", wheel, { passive: false });
  el.addEventListener("contextmenu", menu);
  return () => {
    el.removeEventListener("wheel", wheel);
    el.removeEventListener("contextmenu", menu);
  };
}

export default { render };
