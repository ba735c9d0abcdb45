#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Makes what the boot tests share beside the image: a modloop of the test kernel."""

import argparse
import sys
from pathlib import Path

from lab import demands, parts


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--build", type=Path, required=True)
    try:
        parts.prepare(parts.Parts(parser.parse_args().build.resolve()))
    except demands.Missing as missing:
        return demands.verdict_for(missing)
    except AssertionError as error:
        print(f"FAILED: {error}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
