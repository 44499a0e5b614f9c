#!/usr/bin/env python3
"""plain_server.py FILE: takes the body of each request into FILE, as fast as it comes, and syncs it before it answers. Its
first line is the port."""

import os
import socket
import sys

END_OF_HEAD = b"\r\n\r\n"


def take(client, block):
    received = b""
    while END_OF_HEAD not in received:
        received += client.recv(65536)
    head, begun = received.split(END_OF_HEAD, 1)
    left = int(head.lower().split(b"content-length:")[1].split()[0]) - len(begun)
    if b"100-continue" in head.lower():
        client.sendall(b"HTTP/1.1 100 Continue" + END_OF_HEAD)
    with open(sys.argv[1], "wb") as out:
        out.write(begun)
        while left > 0:
            size = client.recv_into(block)
            out.write(memoryview(block)[:size])
            left -= size
        out.flush()
        os.fsync(out.fileno())
    client.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close" + END_OF_HEAD)


listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
memory = bytearray(1 << 20)
while True:
    with listener.accept()[0] as connection:
        take(connection, memory)
