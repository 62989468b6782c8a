// Bundles the page and the notebook widget into dist/: all they need, so that they work offline.

import { build } from "esbuild";
import { copyFile, mkdir, readFile, readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";

const here = path.dirname(fileURLToPath(import.meta.url));
const dist = path.join(here, "dist");

await mkdir(dist, { recursive: true });
await build({
  absWorkingDir: here,
  entryPoints: { page: "src/page/main.js", widget: "src/widget/widget.js" },
  outdir: dist,
  bundle: true,
  minify: true,
  format: "esm",
  target: ["chrome111", "firefox115", "safari16.4"],
  // React's development build is larger, slower and talks to the console.
  define: { "process.env.NODE_ENV": '"production"' },
  // The texts go into one file, below; a source map would be asked for by no user.
  legalComments: "none",
  sourcemap: false,
  logLevel: "warning",
});
await copyFile(path.join(here, "index.html"), path.join(dist, "index.html"));
await writeFile(path.join(dist, "THIRD-PARTY-LICENSES.txt"), await licenses());

// The licence of every package that the bundle may hold a part of. HiGlass arrives as one file with its own
// dependencies inside, so the lock file says what there is, not esbuild.
async function licenses() {
  const lock = JSON.parse(await readFile(path.join(here, "package-lock.json"), "utf8"));
  const texts = [];
  for (const [folder, entry] of Object.entries(lock.packages)) {
    if (folder === "" || entry.dev || entry.optional) continue;
    const name = folder.slice(folder.lastIndexOf("node_modules/") + "node_modules/".length);
    texts.push(`${name} ${entry.version} (${entry.license ?? "see its text"})\n\n${await licenseText(folder)}`);
  }
  return texts.join(`\n\n${"-".repeat(79)}\n\n`);
}

async function licenseText(folder) {
  const names = await readdir(path.join(here, folder));
  const found = names.filter((name) => /^(licen[cs]e|copying|notice)/i.test(name)).sort();
  const texts = await Promise.all(found.map((name) => readFile(path.join(here, folder, name), "utf8")));
  return texts.join("\n").trim() || "The package carries no text of its licence.";
}
