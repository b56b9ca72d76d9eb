"""The library can be used alone: no framework, no arrays, and nothing slow to import."""

import subprocess
import sys

PROGRAM = """
import sys
from tongzhou import clinical
print(clinical.decide({}, "anyone").urgency)
print(sorted({name.partition(".")[0] for name in sys.modules} & {"django", "numpy", "polars"}))
"""


def test_the_library_brings_no_heavy_module_with_it():
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=20, check=True
    )
    assert done.stdout.split() == ["ask", "[]"]
