#!/usr/bin/env python3
"""receiver.py smtp|http PORT_FILE: takes one mail, or one request, and prints what came."""

import socket
import sys


def lines_of(peer):
    yield from iter(peer.makefile("rb").readline, b"")


def take_mail(peer):
    peer.sendall(b"220 receiver\r\n")
    in_text = False
    for line in lines_of(peer):
        if in_text and line == b".\r\n":
            in_text = False
            peer.sendall(b"250 taken\r\n")
        elif in_text:
            sys.stdout.buffer.write(line)
        elif line.upper().startswith(b"DATA"):
            in_text = True
            peer.sendall(b"354 go on\r\n")
        elif line.upper().startswith(b"QUIT"):
            peer.sendall(b"221 bye\r\n")
            return
        else:
            sys.stdout.buffer.write(line)
            peer.sendall(b"250 fine\r\n")


def take_request(peer):
    size = 0
    stream = peer.makefile("rb")
    for line in iter(stream.readline, b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            size = int(line.split(b":")[1])
    sys.stdout.buffer.write(stream.read(size))
    peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok")


def main(kind, port_file):
    server = socket.create_server(("127.0.0.1", 0))
    server.settimeout(600)
    with open(port_file + ".part", "w", encoding="ascii") as file:
        file.write(str(server.getsockname()[1]))
    import os
    os.rename(port_file + ".part", port_file)
    peer, _ = server.accept()
    with peer:
        (take_mail if kind == "smtp" else take_request)(peer)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
