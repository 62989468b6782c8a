"""Every track is drawn, and where the file has its extremes."""

import numpy as np
import pyBigWig
import pytest
from conftest_types import Open
from drawn_extremes import check_extremes
