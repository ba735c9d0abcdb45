# SPDX-License-Identifier: MIT
"""A small FTP server that misbehaves on request: `cut` ends the data connection after this many bytes, for the first
`times` transfers; `old` knows no EPSV, SIZE and MDTM; `lie` gives another address than its own in PASV; `active` knows neither; `garbage` is not
FTP at all. Other faults come from the real server."""
import socket
import socketserver
import threading


class FtpHandler(socketserver.StreamRequestHandler):
    def say(self, text):
        self.wfile.write(text.encode() + b"\r\n")

    def handle(self):
        server = self.server
        if server.garbage:
            self.say("SSH-2.0-OpenSSH_9.2")
            return
        offset, listener = 0, None
        self.say("220-welcome\r\n 220 all of you\r\n220 ready")
        for line in self.rfile:
            word, _, argument = line.decode().strip().partition(" ")
            server.commands.append(word)
            if word == "USER":
                self.say("331 password")
            elif word in ("PASS", "TYPE"):
                self.say("230 fine" if word == "PASS" else "200 fine")
            elif word in ("SIZE", "MDTM") and not server.old:
                self.say(f"213 {len(server.content)}" if word == "SIZE" else "213 20240101000000")
            elif word in ("PASV", "EPSV") and not server.active and not (server.old and word == "EPSV"):
                listener = socket.create_server((server.server_address[0], 0))
                port = listener.getsockname()[1]
                shown = "192,0,2,1" if server.lie else server.server_address[0].replace(".", ",")
                self.say(f"229 here (|||{port}|)" if word == "EPSV" else f"227 here ({shown},{port >> 8},{port & 255})")
            elif word == "REST":
                offset = int(argument)
                self.say("350 from there")
            elif word == "RETR":
                self.say("150 coming")
                self.send(listener, offset)
                offset = 0
            else:
                self.say("502 no")

    def send(self, listener, offset):
        server = self.server
        data, _ = listener.accept()
        listener.close()
        end = len(server.content)
        if server.times > 0 and server.cut:
            server.times -= 1
            end = min(end, offset + server.cut)
        data.sendall(server.content[offset:end])
        server.sent += end - offset
        data.close()
        self.say("226 done" if end == len(server.content) else "426 aborted")


class FaultyFtp(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, address, content, cut=0, times=0, old=False, lie=False, active=False, garbage=False):
        super().__init__((address, 21), FtpHandler)
        self.content, self.cut, self.times = content, cut, times
        self.old, self.lie, self.active, self.garbage = old, lie, active, garbage
        self.commands = []
        self.sent = 0
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def handle_error(self, request, client_address):
        pass

    def stop(self):
        self.shutdown()
        self.server_close()
