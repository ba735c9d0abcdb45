# SPDX-License-Identifier: MIT
"""A system of its own for the commands of a document: this one, below a layer of memory that takes up what they change."""

import os
import shutil
import subprocess
from pathlib import Path

from . import demands, parts
from .case import Lab

COMMAND_SECONDS = 200
# Directories of a kernel's tree -> what the system's kernel has there.
USED_CARDS = {"/net/ethernet": ("intel", "realtek"), "/net/ethernet/intel": ("e1000", "e1000e")}


class System:
    """Its root is `root`. Programs that a namespace cannot have are played."""

    def __init__(self, lab: Lab):
        layer = lab.directory / "layer"
        layer.mkdir()
        self.root = layer / "root"
        subprocess.run(["mount", "-t", "tmpfs", "none", str(layer)], check=True)
        for name in ("upper", "work", "root"):
            (layer / name).mkdir()
        done = subprocess.run(["mount", "-t", "overlay", "none", "-o",
                               f"lowerdir=/,upperdir={layer}/upper,workdir={layer}/work", str(self.root)],
                              capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise demands.Missing(f"no layer can be put over this system: {done.stderr.strip()}")
        for path in ("/proc", "/sys", "/dev"):
            subprocess.run(["mount", "--rbind", path, str(self.root) + path], check=True)
        for path in ("/run", "/tmp"):
            subprocess.run(["mount", "-t", "tmpfs", "none", str(self.root) + path], check=True)
        # Where they are another mount, the layer does not show them.
        for path in {parts.SOURCE, lab.parts.build}:
            (self.root / path.relative_to("/")).mkdir(parents=True, exist_ok=True)
            subprocess.run(["mount", "--bind", str(path), str(self.root / path.relative_to("/"))], check=True)
        self.environment = dict(os.environ, HOME="/root", LC_ALL="C",
                                PATH=f"/played:{lab.parts.build}/bin:/usr/sbin:/usr/bin:/sbin:/bin")
        self.environment.pop("SOURCE_DATE_EPOCH", None)
        self._prepare(lab)

    def _prepare(self, lab: Lab) -> None:
        """A kernel with the modules that the profile network has, an apkovl, and nothing that an earlier user left."""
        shutil.rmtree(self.path("/lib/modules"), ignore_errors=True)
        self.path("/boot").mkdir(exist_ok=True)
        parts.run_program([str(lab.parts.build / "bin" / "mkpxerd"), "extract", str(lab.parts.image), "-C",
                           str(lab.directory / "tree"), "lib/modules"])
        modules = self.path("/usr/lib/modules") / lab.kernel.version
        shutil.copytree(lab.directory / "tree" / "lib" / "modules" / lab.kernel.version, modules,
                        ignore=self._is_unused)
        for name in ("modules.order", "modules.builtin", "modules.builtin.modinfo"):
            shutil.copyfile(lab.kernel.modules / name, modules / name)
        shutil.copyfile(lab.kernel.image, self.path("/boot") / lab.kernel.image.name)
        self.run(f"depmod {lab.kernel.version}")
        parts.make_apkovl(self.path("/root/machine.apkovl.tar.gz"), lab.parts.proof)
        for directory in ("/srv", "/etc/mkinitfs", "/etc/mkpxerd"):
            shutil.rmtree(self.path(directory), ignore_errors=True)
        self.path("/srv").mkdir()
        self.path("/played").mkdir()

    @staticmethod
    def _is_unused(directory: str, names: list[str]) -> list[str]:
        """Drivers of cards that no document names: images with all of them take most of a test's time."""
        for end, kept in USED_CARDS.items():
            if directory.endswith(end):
                return [name for name in names if name not in kept]
        return []

    def path(self, name: str) -> Path:
        return self.root / name.lstrip("/")

    def play(self, name: str, script: str) -> None:
        """A shell script in place of a program."""
        program = self.path("/played") / name
        program.write_text(f"#!/bin/sh\n{script}\n", encoding="ascii")
        program.chmod(0o755)

    def run(self, script: str, user: str = "root") -> str:
        """What the commands print. They end at the first one that fails, which is an error."""
        home = self.environment["HOME"] if user == "root" else f"/tmp/{user}"
        command = ["chroot", "--userspec", user, str(self.root), "bash", "-euo", "pipefail", "-c", f"cd ~\n{script}"]
        try:
            done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace",
                                  env=dict(self.environment, HOME=home), timeout=COMMAND_SECONDS, check=False)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"this does not end:\n{script}") from None
        if done.returncode != 0:
            raise AssertionError(f"exit code {done.returncode}:\n{script}\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
        return done.stdout + done.stderr
