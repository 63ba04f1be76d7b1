#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""receive.py KIND OUT [--tls CERT KEY] [--answers STATUS,STATUS,...]: receive on a port of the
loopback what is sent, and write it to OUT; the port goes to OUT.port once it listens.

KIND: http (each body a line; answers with the statuses in turn, the last for good), syslog (octet
counting, RFC 6587 and RFC 5425: each message a line), smtp (each mail as it came, after lines with
sender and recipients). Ends when its parent does, and after a minute at the latest.
"""
import argparse
import os
import pathlib
import socketserver
import ssl
import threading
import time

LIFE_S = 60


def keep(text):
    with state.lock, open(state.out, "a", encoding="utf-8") as f:
        f.write(text)


class Http(socketserver.StreamRequestHandler):
    def handle(self):
        while True:
            line = self.rfile.readline()
            if not line:
                return
            length = 0
            while (header := self.rfile.readline().strip()):
                name, _, value = header.partition(b":")
                if name.lower() == b"content-length":
                    length = int(value)
                if name.lower() == b"authorization":
                    keep("# " + value.strip().decode() + "\n")
            body = self.rfile.read(length).decode()
            with state.lock:
                status = state.answers.pop(0) if len(state.answers) > 1 else state.answers[0]
            if status < 300:
                keep(body + "\n")
            self.wfile.write(b"HTTP/1.1 %d X\r\nContent-Length: 0\r\n\r\n" % status)


class Syslog(socketserver.StreamRequestHandler):
    def handle(self):
        while True:
            count = b""
            while (c := self.rfile.read(1)) not in (b" ", b""):
                count += c
            if not c:
                return
            keep(self.rfile.read(int(count)).decode() + "\n")


class Smtp(socketserver.StreamRequestHandler):
    def answer(self, text):
        self.wfile.write(text.encode() + b"\r\n")

    def handle(self):
        self.answer("220 here")
        while (line := self.rfile.readline().decode().strip()):
            word = line.split()[0].upper()
            if word in ("MAIL", "RCPT"):
                keep(line + "\n")
            if word == "DATA":
                self.answer("354 go on")
                while (text := self.rfile.readline().decode()) != ".\r\n":
                    keep(text.replace("\r\n", "\n"))
            self.answer("221 bye" if word == "QUIT" else "250 ok")


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True

    def get_request(self):
        s, peer = super().get_request()
        if state.context:
            try:
                s = state.context.wrap_socket(s, server_side=True)
            except OSError:
                keep("# refused\n")
                raise
        return s, peer


state = argparse.Namespace(lock=threading.RLock())


def main():
    p = argparse.ArgumentParser()
    p.add_argument("kind", choices=("http", "syslog", "smtp"))
    p.add_argument("out", type=pathlib.Path)
    p.add_argument("--tls", nargs=2)
    p.add_argument("--answers", default="200")
    p.parse_args(namespace=state)
    state.answers = [int(a) for a in state.answers.split(",")]
    state.context = None
    if state.tls:
        state.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        state.context.load_cert_chain(*state.tls)
    parent, end = os.getppid(), time.monotonic() + LIFE_S
    with Server(("127.0.0.1", 0), {"http": Http, "syslog": Syslog, "smtp": Smtp}[state.kind]) as s:
        aside = pathlib.Path(f"{state.out}.aside")
        aside.write_text(str(s.server_address[1]))
        aside.rename(f"{state.out}.port")
        threading.Thread(target=s.serve_forever, daemon=True).start()
        while os.getppid() == parent and time.monotonic() < end:
            time.sleep(0.1)


main()
