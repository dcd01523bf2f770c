"""A name server whose answers a test sets."""

import socket
import struct
import threading
from contextlib import suppress

SERVER_FAILED, REFUSED = 2, 5
"""Codes of RFC 1035, 4.1.1: the server failed, or does not want to."""

A, AAAA = 1, 28


class Resolver:
    """Answers over UDP; `names` may be changed at any time."""

    def __init__(self, address: str) -> None:
        self.names: dict[str, list[str]] = {}
        self.is_silent = False
        """Whether it does not answer."""
        self.code = REFUSED
        """The response code for unknown names."""
        self.asked: list[str] = []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((address, 53))
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        """Answer queries until closed."""
        with suppress(OSError):
            while True:
                question, who = self.socket.recvfrom(4096)
                if not question:
                    return
                if answer := self._answer_question(question):
                    self.socket.sendto(answer, who)

    def _answer_question(self, question: bytes) -> bytes:
        """Return the answer to one query; empty where it is silent."""
        name, end = "", 12
        while length := question[end]:
            name += question[end + 1 : end + 1 + length].decode() + "."
            end += 1 + length
        asked = question[12 : end + 5]
        (kind,) = struct.unpack("!H", question[end + 1 : end + 3])
        self.asked.append(name.rstrip("."))
        if self.is_silent:
            return b""
        addresses = self.names.get(name.rstrip("."))
        if addresses is None:
            return question[:2] + struct.pack("!HHHHH", 0x8180 | self.code, 1, 0, 0, 0) + asked
        family = {A: socket.AF_INET, AAAA: socket.AF_INET6}.get(kind)
        packed = [socket.inet_pton(family, one) for one in addresses if family and (":" in one) == (kind == AAAA)]
        records = b"".join(b"\xc0\x0c" + struct.pack("!HHIH", kind, 1, 1, len(one)) + one for one in packed)
        return question[:2] + struct.pack("!HHHHH", 0x8180, 1, len(packed), 0, 0) + asked + records

    def close(self) -> None:
        """Stop answering."""
        with suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
