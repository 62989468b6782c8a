"""`python -m higlass_views.frontend` builds the page in a checkout."""

import sys

from higlass_views.frontend.bundle import PageBuildError, build_page, dist_folder

try:
    done = build_page()
except PageBuildError as error:
    sys.exit(f"error: the page is not built: {error}")
print(f"{dist_folder()}: {'built' if done else 'up to date'}")
