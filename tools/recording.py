"""Reads recordings, as docs/format.md describes them and from that page alone: a second reader, with nothing of the first.

Used by the demo, which compares what a terminal showed with what the log holds, and by the check of the page's own
examples. It reads strictly, unlike the players: a recorder's output is to be exactly what the page says.
"""

import json
import re
import struct
from dataclasses import dataclass

_RECORD = re.compile(r"(?P<delay>\+(\d+))|(?P<text>[<>])(\d+)|(?P<binary>[\[\]])(\d+)/(\d+)|=(?P<window>\d+x\d+)")
_FIELDS_2_3 = "ver host rec user term session id pos time timing in_txt in_bin out_txt out_bin".split()
_KINDS = {"start", "gap", "end"}


class Unreadable(Exception):
    """The lines break a rule of docs/format.md."""


@dataclass
class Event:
    ms: int  # since the recording's first event
    kind: str  # "output", "input" or "window"
    data: bytes = b""
    window: str = ""  # "80x24"


class _Run:
    """One direction's text and bytes, taken from the front."""

    def __init__(self, text, numbers):
        self.text, self.numbers, self.at_text, self.at_number = text, numbers, 0, 0

    def take_text(self, count):
        taken = self.text[self.at_text : self.at_text + count]
        if len(taken) != count:
            raise Unreadable("timing asks for more text than the message has")
        self.at_text += count
        return taken

    def take_bytes(self, marks, count):
        if self.take_text(marks) != "\ufffd" * marks:
            raise Unreadable("timing counts a replacement character where there is none")
        taken = self.numbers[self.at_number : self.at_number + count]
        if len(taken) != count:
            raise Unreadable("timing asks for more bytes than the message has")
        self.at_number += count
        return bytes(taken)

    def is_used_up(self):
        return self.at_text == len(self.text) and self.at_number == len(self.numbers)


def _unique(pairs):
    keys = [key for key, _ in pairs]
    if len(set(keys)) != len(keys):
        raise Unreadable("duplicate key")
    return dict(pairs)


def messages(lines):
    """The messages in `lines` (bytes, one message each), in order and numbered from 1 without holes."""
    found = []
    for line in lines:
        message = json.loads(line.decode("utf-8"), object_pairs_hook=_unique)
        if list(message)[: len(_FIELDS_2_3)] != _FIELDS_2_3:
            raise Unreadable("fields are missing or out of order")
        if message.get("kind", "start") not in _KINDS:
            raise Unreadable("unknown kind of message")
        if message["id"] != len(found) + 1:
            raise Unreadable("message number out of order")
        found.append(message)
    return found


def events(message):
    """The events of one message."""
    runs = {
        "<": ("input", _Run(message["in_txt"], message["in_bin"])),
        ">": ("output", _Run(message["out_txt"], message["out_bin"])),
    }
    runs["["], runs["]"] = runs["<"], runs[">"]
    ms, place, timing = message["pos"], 0, message["timing"]
    while place < len(timing):
        record = _RECORD.match(timing, place)
        if not record:
            raise Unreadable(f"timing cannot be read at {timing[place:]!r}")
        place = record.end()
        if record["delay"]:
            ms += int(record[2])
        elif record["text"]:
            kind, run = runs[record["text"]]
            yield Event(ms, kind, data=run.take_text(int(record[4])).encode())
        elif record["binary"]:
            kind, run = runs[record["binary"]]
            yield Event(ms, kind, data=run.take_bytes(int(record[6]), int(record[7])))
        else:
            yield Event(ms, "window", window=record["window"])
    for kind, run in runs.values():
        if not run.is_used_up():
            raise Unreadable(f"{kind} that timing does not mention")


# --- Spool files

_SPOOL_KINDS = {1: "output", 2: "error output", 3: "input", 4: "start", 5: "window", 6: "gap", 7: "end"}


def crc32c(data, seed=0):
    """CRC-32C as iSCSI has it, begun at `seed`."""
    register = seed ^ 0xFFFFFFFF
    for byte in data:
        register ^= byte
        for _ in range(8):
            register = register >> 1 ^ (0x82F63B78 if register & 1 else 0)
    return register ^ 0xFFFFFFFF


def spool_frames(file):
    """The frames of a whole spool file: (nanoseconds, kind, mark, payload) of each."""
    magic, version, header, salt, _, count = struct.unpack_from("<8sHHIQB", file)
    if (magic, version) != (b"\xf5STENO\r\n", 1) or count > 67:
        raise Unreadable("no spool file of version 1")
    if struct.unpack_from("<I", file, header - 4)[0] != crc32c(file[: header - 4]):
        raise Unreadable("the header's sum is wrong")
    place = header
    while place < len(file):
        magic, size, kind, mark, nanoseconds, total = struct.unpack_from("<4sHBBQI", file, place)
        payload = file[place + 20 : place + 20 + size]
        if magic != b"\xf5SF\xc1" or total != crc32c(file[place : place + 16] + payload, salt):
            raise Unreadable(f"no frame at {place}")
        yield nanoseconds, _SPOOL_KINDS[kind], mark, payload
        place += 20 + size
