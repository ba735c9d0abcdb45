# SPDX-License-Identifier: MIT
"""Certificates created on demand by the openssl command: an authority, and servers that it certifies."""
import datetime
import os
import ssl
import subprocess


def openssl(*arguments, text=None):
    subprocess.run(["openssl", *arguments], check=True, input=text, text=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)


def stamp(days):
    moment = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(days=days)
    return moment.strftime("%Y%m%d%H%M%SZ")


class Authority:
    def __init__(self, directory, name):
        self.directory = os.path.join(directory, name)
        self.name = name
        os.mkdir(self.directory)
        self.certificate = self.path("ca.pem")
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "3650",
                "-subj", f"/O=mkpxerd tests/CN={name}", "-keyout", self.path("ca.key"), "-out", self.certificate)
        for file in ("index.txt", "index.txt.attr"):
            open(self.path(file), "w").close()

    def path(self, name):
        return os.path.join(self.directory, name)

    def server(self, names, since=-1, until=365, version=None):
        """The ssl.SSLContext of a server with a certificate for `names` ("DNS:...", "IP:..."), valid from `since` to
        `until`, in days from now."""
        key, request, certificate = (self.path(f"server.{ending}") for ending in ("key", "csr", "pem"))
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=boot server",
                "-keyout", key, "-out", request)
        with open(self.path("ca.conf"), "w") as file:
            file.write(f"[ca]\ndefault_ca = own\n[own]\ndatabase = {self.path('index.txt')}\nnew_certs_dir = {self.directory}\n"
                       "rand_serial = yes\ndefault_md = sha256\npolicy = any\nunique_subject = no\n"
                       f"[any]\ncommonName = supplied\n[server]\nsubjectAltName = {','.join(names)}\n")
        openssl("ca", "-batch", "-notext", "-config", self.path("ca.conf"), "-extensions", "server", "-in", request, "-out",
                certificate, "-cert", self.certificate, "-keyfile", self.path("ca.key"), "-startdate", stamp(since),
                "-enddate", stamp(until))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        if version:
            context.minimum_version = context.maximum_version = version
        return context
