# SPDX-License-Identifier: MIT
"""A missing tool or right skips the test on a user's machine and says why; with MKPXERD_REQUIRE_ALL=1 it fails."""

import os
import shutil
from collections.abc import Callable

SKIPPED = 77  # SKIP_RETURN_CODE of the tests in ctest

# Servers and mksquashfs lie where only root's PATH leads.
SEARCH_PATH = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/local/sbin", "/usr/sbin", "/sbin"])


class Missing(Exception):
    """Names the tool or right that is missing, and what provides it."""


def tool(name: str, package: str) -> str:
    """The full path of a program; Missing names the Debian package that has it."""
    path = shutil.which(name, path=SEARCH_PATH)
    if path is None:
        raise Missing(f"{name} is missing (Debian package {package})")
    return path


def verdict_for(missing: Missing) -> int:
    """The exit code for a missing thing, after saying so."""
    if os.environ.get("MKPXERD_REQUIRE_ALL") == "1":
        print(f"FAILED: {missing}")
        return 1
    print(f"SKIPPED: {missing}")
    return SKIPPED


def judged(check: Callable[[], int | None]) -> int:
    """The exit code of a test that is one call: what it returns (nothing: 0), or that of what it raises, after saying so."""
    try:
        return check() or 0
    except Missing as missing:
        return verdict_for(missing)
    except AssertionError as error:
        print(f"FAILED: {error}")
        return 1
