# SPDX-License-Identifier: MIT
"""What people ask of the snippets."""

SERVER = "10.0.0.1"

# A name -> options.
SETS = {
    "an address": ["--server", SERVER],
    "a port": ["--server", f"{SERVER}:8080"],
    "a name": ["--server", "boot.example.org", "--next-server", SERVER, "--dns", "10.0.0.2"],
    "https below a path": ["--server", "https://boot.example.org/pxe/", "--next-server", SERVER, "--dns", "10.0.0.2"],
    "http below a path, another port": ["--server", f"http://{SERVER}:8080/a/b"],
    "a router with the last address": ["--server", SERVER, "--gateway", "10.0.0.254"],
    "two name servers": ["--server", SERVER, "--dns", "10.0.0.200", "--dns", "192.0.2.53"],
    "the smallest subnet": ["--server", SERVER, "--subnet", "10.0.0.0/29", "--gateway", "10.0.0.6"],
    "other loaders": ["--server", SERVER, "--loader", "pxelinux", "--loader", "snponly"],
    "GRUB, and words with quotes": ["--server", SERVER, "--loader", "grub", "--loader", "lpxelinux",
                                    "--cmdline", 'a="b  c" || ; && #d $e {f} -- single'],
    "a bundle without iPXE": ["--server", SERVER, "--loader", "pxelinux"],
    "exports of both kinds": ["--server", SERVER, "--alpine-dev", f"nfs:{SERVER}:/srv/depot",
                              "--root", f"nfs:{SERVER}:/srv/root"],
    "an export for an apkovl from elsewhere": ["--server", SERVER, "--alpine-dev", f"nfs:{SERVER}:/srv/depot", "--apkovl",
                                               f"http://{SERVER}/{{MAC}}.tar.gz"],
}


def url_of(options: list[str]) -> str:
    """Where machines find the bundle."""
    server = options[1].rstrip("/")
    return server if "://" in server else "http://" + server


def line_of(options: list[str]) -> str:
    """The kernel command line without what a loader adds."""
    def value(name: str) -> list[str]:
        return [options[at + 1] for at, word in enumerate(options) if word == name]

    words = ["ip=dhcp", *(f"alpine_dev={text}" for text in value("--alpine-dev")), *(f"root={text}" for text in value("--root")),
             *(f"apkovl={text}" for text in value("--apkovl")), f"modloop={url_of(options)}/modloop", *value("--cmdline")]
    return " ".join(words)
