# SPDX-License-Identifier: MIT
"""A small HTTP server that misbehaves on request. The path names an object, the query names the fault:
  cut=N        end the connection after N body bytes     rst=1  with cut: by a reset
  stall=N      send N body bytes, then nothing more      slow=B  about B bytes a second
  status=CODE  answer with this status                   after=S  with status: Retry-After S
  norange=1    ignore Range                              nolen=1  no Content-Length, end closes
  lie=N        promise N bytes more than there are       chunked=1  chunked encoding
  redirect=URL 302 to there; loop=1 to itself            newtag=1  another ETag and content after the first request
  notag=1      neither ETag nor Last-Modified            garbage=1  not HTTP at all
  shift=1      a Range starts one byte later than asked  late=S  nothing at all for S seconds
  bare=1       lines end with a line feed, no reason     login=1  401 without a login
  encoding=E   Content-Encoding: E
  say200=1     a Range is honoured, the status is 200
  times=K      the fault for the first K requests only
Requests and bytes sent are counted by path, for the tests."""
import collections
import hashlib
import http.server
import re
import socket
import struct
import threading
import time
import urllib.parse


class FaultyServer(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, address, port=80, context=None):
        super().__init__((address, port), Handler)
        if context:
            self.socket = context.wrap_socket(self.socket, server_side=True)
        self.objects = {}
        self.requests = collections.Counter()
        self.sent = collections.Counter()
        self.headers = []
        self.thread = threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True)
        self.thread.start()

    def handle_error(self, request, client_address):
        pass  # clients that go away are part of the tests

    def stop(self):
        self.shutdown()
        self.server_close()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    bare = False

    def log_message(self, *arguments):
        pass

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        query = dict(urllib.parse.parse_qsl(url.query))
        server = self.server
        server.requests[url.path] += 1
        server.headers.append(dict(self.headers))
        count = server.requests[url.path]
        faulty = count <= int(query.get("times", 1 << 30))
        fault = (lambda name: query.get(name)) if faulty else (lambda name: None)
        self.bare = bool(fault("bare"))
        if fault("late"):
            time.sleep(float(query["late"]))
        if fault("login") and "Authorization" not in self.headers:
            self.answer(401, [("WWW-Authenticate", 'Basic realm="x"')])
            return
        if fault("garbage"):
            self.wfile.write(b"SSH-2.0-OpenSSH_9.2\r\n")
            self.close_connection = True
            return
        if fault("redirect") or fault("loop"):
            self.answer(302, [("Location", query.get("redirect", self.path))])
            return
        if fault("status"):
            extra = [("Retry-After", query["after"])] if "after" in query else []
            self.answer(int(query["status"]), extra)
            return
        if url.path not in server.objects:
            self.answer(404, [])
            return
        data = server.objects[url.path]
        if "newtag" in query and count > 1:
            data = data[::-1]
        self.send_object(url.path, data, query, fault)

    def flush_headers(self):
        if self.bare:
            head = b"".join(self._headers_buffer).replace(b"\r\n", b"\n")
            self._headers_buffer = [re.sub(rb"^(HTTP/1.1 \d+).*", rb"\1", head)]
        super().flush_headers()

    def answer(self, status, headers):
        body = b"<html>an error page</html>\n"
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def send_object(self, path, data, query, fault):
        tag = '"' + hashlib.sha256(data).hexdigest()[:16] + '"'
        first, status = 0, 200
        match = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        current = self.headers.get("If-Range") in (None, tag)
        if match and current and "norange" not in query:
            first, status = int(match[1]) + int(query.get("shift", 0)), 206
            if first >= len(data):
                self.answer(416, [("Content-Range", f"bytes */{len(data)}")])
                return
        body = data[first:]
        self.send_response(200 if "say200" in query else status)
        if fault("encoding"):
            self.send_header("Content-Encoding", query["encoding"])
        if not fault("notag"):
            self.send_header("ETag", tag)
        if status == 206:
            self.send_header("Content-Range", f"bytes {first}-{len(data) - 1}/{len(data)}")
        if fault("chunked"):
            self.send_header("Transfer-Encoding", "chunked")
        elif not fault("nolen"):
            self.send_header("Content-Length", str(len(body) + int(fault("lie") or 0)))
        self.send_header("Connection", "close")
        self.close_connection = True
        self.end_headers()
        self.send_body(path, body, fault)

    def send_body(self, path, body, fault):
        end = len(body)
        for name in ("cut", "stall"):
            if fault(name):
                end = min(end, int(fault(name)))
        rate = int(fault("slow") or 0)
        piece = max(1, rate // 20) if rate else 16384
        for at in range(0, end, piece):
            part = body[at:min(end, at + piece)]
            self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part) if fault("chunked") else part)
            self.server.sent[path] += len(part)
            if rate:
                time.sleep(len(part) / rate)
        self.wfile.flush()
        if fault("chunked") and not fault("cut"):
            self.wfile.write(b"0\r\n\r\n")
        if fault("stall"):
            self.connection.settimeout(120)
            try:
                self.connection.recv(1)  # until the client gives up
            except OSError:
                pass
        if fault("cut") and fault("rst"):
            time.sleep(0.2)  # a reset discards what the other side has not read yet
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
