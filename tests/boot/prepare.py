#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes what the boot tests share beside the image: a modloop of the test kernel, and a small image."""

import argparse
import sys
from pathlib import Path

from lab import demands, parts


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=Path, required=True)
    build = parser.parse_args().build.resolve()
    return demands.judged(lambda: parts.prepare(parts.Parts(build)))


if __name__ == "__main__":
    sys.exit(main())
