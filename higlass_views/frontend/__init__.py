"""The page around the HiGlass viewer: sources, the command that bundles them, and where the bundle lies.

The sources are JavaScript (`src/`); esbuild makes them `dist/`, which is built at install or wheel time and
never committed. Everything but the page and the notebook widget works without it.
"""
