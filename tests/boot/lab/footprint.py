# SPDX-License-Identifier: MIT
"""What /init may weigh, on disk and in memory; its report says what it took."""

from .case import Lab
from .proof import expect

SIZE_LIMIT = 7 << 20  # bytes of /init with TLS, stripped
MEMORY_LIMIT = 12 << 20  # bytes of /init itself; what it fetched is in files


def check_footprint(lab: Lab, report: dict) -> None:
    """Prints both figures."""
    size = (lab.parts.build / "lib" / "mkpxerd" / "init").stat().st_size
    print(f"/init: {size} bytes, peak memory {report['peak_bytes']} bytes")
    expect("a small /init", size < SIZE_LIMIT, True)
    expect("a boot in little memory", 0 < report["peak_bytes"] < MEMORY_LIMIT, True)
