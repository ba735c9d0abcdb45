# SPDX-License-Identifier: MIT
"""The bytes of a serial console as lines. The kernel writes its messages at once, also into the middle of a line that a
program writes: such a line is put together again, and the message comes before it."""

import re

CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b[()][A-Z0-9]|[\x00-\x08\x0b-\x1f]")
# The kernel stamps microseconds, /init milliseconds.
KERNEL = re.compile(r"\[ *\d+\.\d{6}\] ")
OURS = re.compile(r"PROOF |\[ *\d+\.\d{3}\] mkpxerd: ")


class Console:
    def __init__(self):
        self._rest = b""  # not yet ended
        self._begun = ""  # of a line of ours into which the kernel wrote

    def feed(self, data: bytes) -> list[str]:
        """The lines that these bytes complete, without control characters."""
        *ended, self._rest = (self._rest + data).split(b"\n")
        lines = []
        for raw in ended:
            lines += self._take(CONTROL.sub("", raw.decode("utf-8", "replace")))
        return lines

    def rest(self) -> str:
        return self._begun + self._rest.decode(errors="replace")

    def _take(self, text: str) -> list[str]:
        message = KERNEL.search(text)
        if message is None:
            whole, self._begun = self._begun + text, ""
            return [whole.rstrip()]
        begun = self._begun + text[:message.start()]
        if not OURS.match(begun):
            return [text.rstrip()]
        self._begun = begun
        return [text[message.start():].rstrip()]
