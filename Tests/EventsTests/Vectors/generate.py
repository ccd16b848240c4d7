"""Makes the *.vectors files: records scripts of events with stock tlog-rec and keeps what it wrote. See README.md.

    /usr/bin/python3 generate.py [theme ...]

The scripts are fixed: random ones come from seeds that are part of their names. So a second run changes no file, unless
tlog has changed.
"""

import json
import os
import random
import re
import sys
import tempfile

sys.dont_write_bytecode = True
import drive  # noqa: E402  (beside this file)

EVERYTHING = ("input", "output", "window")
CLEF = "𝄞".encode()  # f0 9d 84 9e, the four-byte character of these scripts
BROKEN = {  # one of each kind of ill-formed sequence
    "continuation": b"\x80",
    "last continuation": b"\xbf",
    "overlong start c0": b"\xc0\x80",
    "overlong start c1": b"\xc1\xbf",
    "overlong e0 9f": b"\xe0\x9f\xbf",
    "overlong f0 8f": b"\xf0\x8f\xbf\xbf",
    "surrogate ed a0": b"\xed\xa0\x80",
    "surrogate ed bf": b"\xed\xbf\xbf",
    "above 10ffff": b"\xf4\x90\x80\x80",
    "start f5": b"\xf5\x80\x80\x80",
    "start f8": b"\xf8\x88\x80\x80\x80",
    "start fe ff": b"\xfe\xff",
    "prefix of two": b"\xc3",
    "prefix of three, one byte": b"\xe2",
    "prefix of three, two bytes": b"\xe2\x82",
    "prefix of four, one byte": b"\xf0",
    "prefix of four, two bytes": b"\xf0\x9d",
    "prefix of four, three bytes": b"\xf0\x9d\x84",
    "prefix after prefix": b"\xf0\x9d\xe2\x82\xc3",
}
GOOD = [b"\xc2\x80", b"\xdf\xbf", b"\xe0\xa0\x80", b"\xed\x9f\xbf", b"\xee\x80\x80", b"\xef\xbf\xbf", 
        b"\xf0\x90\x80\x80", b"\xf4\x8f\xbf\xbf", "é".encode(), "€".encode(), CLEF, b"\xef\xbf\xbd"]


class Case:
    """A script and how the recorder is run on it.

    `terminal` is the size of the terminal, or None for pipes. `log` is what is recorded; events of other kinds are
    performed but left out of the file.
    """

    def __init__(self, name, events, payload=2048, terminal=(80, 24), log=EVERYTHING):
        self.name, self.payload, self.terminal, self.log = name, payload, terminal, log
        self.events = list(events)
        end = self.events[-1][0] if self.events else 0
        self.events.append((end, "cut", None))

    def lines(self):
        yield f"case {self.name}"
        if self.payload != 2048:
            yield f"payload {self.payload}"
        if self.terminal and "window" in self.log:
            yield f"0 = {self.terminal[0]}x{self.terminal[1]}"
        for milliseconds, kind, value in self.events:
            if {"<": "input", ">": "output", "=": "window"}.get(kind, "output") not in self.log and kind in "<>=":
                continue
            if kind in "<>":
                yield f"{milliseconds} {kind} {value.hex()}"
            elif kind == "=":
                yield f"{milliseconds} = {value[0]}x{value[1]}"
            else:
                yield f"{milliseconds} {kind}"


def out(milliseconds, data):
    return (milliseconds, ">", data)


def typed(milliseconds, data):
    return (milliseconds, "<", data)


def window(milliseconds, columns, rows):
    return (milliseconds, "=", (columns, rows))


def flush(milliseconds):
    return (milliseconds, "flush", None)


# --- themes


def contract():
    """One rule a case."""
    yield Case("nothing but the window", [])
    yield Case("one character", [out(0, b"x")])
    yield Case("a delay between two outputs", [out(0, b"x"), out(1, b"y")])
    yield Case("no delay between two outputs of one ms", [out(5, b"x"), out(5, b"y")])
    for delay in (9, 10, 99, 100, 999, 1000, 9999, 10000, 3600000):
        yield Case(f"a delay of {delay} ms", [out(0, b"x"), out(delay, b"y")])
    yield Case("the longest delay", [out(0, b"x"), out(2147483647999, b"y")])
    yield Case("pos counts from the window", [out(1234567, b"x")])
    yield Case(
        "windows between letters",
        [out(10, b"S"), window(30, 100, 100), window(60, 200, 200), out(100, b"E")], terminal=(1, 1))
    yield Case("a window without a delay ends the run", [out(0, b"S"), window(0, 100, 100), out(0, b"E")])
    yield Case("a flush between two outputs", [out(0, b"one"), flush(10), out(20, b"two")])
    yield Case("a flush with nothing to write", [flush(0), flush(5), out(20, b"two")])
    yield Case("a flush with held bytes only", [flush(0), out(5, CLEF[:3]), flush(6), out(20, CLEF[3:])])
    yield Case("held bytes go out at the end", [out(1000, CLEF[:3])])
    yield Case("held bytes of both directions go out at the end", [typed(1, CLEF[:3]), out(2, CLEF[:2])])
    yield Case("held bytes are written at their own time", [typed(1000, CLEF[:2]), typed(3000, b"\xff")])
    yield Case("held bytes do not turn the time back", [typed(1000, CLEF[:2]), out(2000, b"x"), typed(3000, b"\xff")])
    yield Case(
        "a character has the time of its last byte",
        [out(1, CLEF[:1]), out(2, CLEF[1:2]), out(3, CLEF[2:3]), out(4, CLEF[3:])])
    yield Case("input before output within one ms", [out(0, b"a"), typed(0, b"b"), out(0, b"c"), typed(0, b"d")])
    yield Case(
        "a change of kind writes one run at once",
        [out(0, b"a"), typed(0, b"b"), out(0, b"\xff"), typed(0, b"\xfe"), out(0, b"c")])
    yield Case(
        "a change of kind with a delay writes that direction's run first",
        [out(0, b"a"), typed(0, b"b"), out(9, b"\xff"), typed(9, b"c"), out(18, b"d")])
    yield Case("a full message and its rest", [out(0, b"0123456789" * 13)], payload=64)
    yield Case("a delay that does not fit goes with its character", [out(0, b"0" * 44), out(1000, b"x")], payload=64)
    yield Case("the last character that fits", [out(0, b"0" * 60 + CLEF)], payload=72)
    yield Case("a character never straddles messages", [out(0, b"0" * 50 + CLEF[:2]), out(0, CLEF[2:])], payload=64)
    yield Case(
        "a held character goes to the next message whole",
        [out(0, b"0" * 46 + CLEF[:2]), out(7, CLEF[2:] + b"x")], payload=64)
    yield Case("an invalid run at the end of a message", [out(0, b"0" * 45 + b"\xff" * 10)], payload=64)
    yield Case("every byte", [out(0, bytes(range(256)))])
    yield Case("every byte, typed", [typed(0, bytes(range(256)))])


def payloads():
    """The edge of a message, one byte at a time, with no window and with one."""
    for payload in (32, 33, 64, 103, 104, 1005, 1006, 1007, 4096):
        for extra in (-4, -3, -2, 0):
            yield Case(
                f"{payload + extra} letters in {payload}, pipes",
                [out(0, b"a" * (payload + extra)), out(0, b"b" * 3)], payload, None)
    for columns, rows in ((1, 1), (80, 24), (65535, 65535)):
        for payload in (32, 40):
            yield Case(
                f"{payload} with a window of {columns}x{rows}",
                [out(0, b"abcdefghij" * 8)], payload, (columns, rows))
    for length in range(8, 20):
        yield Case(
            f"{length} letters, a delay of 5 characters, two letters",
            [out(0, b"a" * length), out(1234, b"bc")], 32, None)
    for count in (9, 10, 11, 99, 100, 101):
        yield Case(f"a run of {count} invalid bytes in one message", [out(0, b"\xff" * count)], 1024, None)
    for payload in range(52, 64, 2):
        yield Case(f"invalid bytes up to a tenth, payload {payload}", [out(0, b"\x80" * 12)], payload, None)
    yield Case(
        "a second digit on both sides",
        [out(0, b"0" * 9), typed(0, b"1" * 9), out(0, b"0"), typed(0, b"1"), out(0, b"0" * 9)], 36, None)


def escapes():
    """What JSON escapes, alone and at the end of a message."""
    for byte in [*range(0x00, 0x20), 0x22, 0x2f, 0x5c, 0x7f]:
        yield Case(
            f"byte {byte:02x} in the middle and at the end of a message",
            [out(0, b"a" + bytes([byte])), out(1, bytes([byte]) * 12)], 40, None)
    yield Case(
        "a coloured prompt",
        [out(0, b"\x1b[01;32mroot@host\x1b[0m:\x1b[01;34m~\x1b[0m# "), typed(80, b"\x7f\x08\t\x1b[A")])
    yield Case("quotes and backslashes", [out(0, b'"\\"' * 60)], 64)


def characters():
    """Characters of two, three and four bytes, split at each place, over all that can come between."""
    for text in ("é", "€", "𝄞"):
        data = text.encode()
        for cut in range(1, len(data)):
            head, tail = data[:cut], data[cut:]
            yield Case(f"{text} split after {cut} in one ms", [out(0, b"a" + head), out(0, tail + b"b")])
            yield Case(f"{text} split after {cut} over 40 ms", [out(0, b"a" + head), out(40, tail + b"b")])
            yield Case(
                f"{text} split after {cut}, other direction between",
                [out(0, head), typed(20, b"x"), out(40, tail)])
            yield Case(f"{text} split after {cut}, window between", [out(0, head), window(20, 90, 30), out(40, tail)])
            yield Case(
                f"{text} split after {cut}, flush between",
                [out(0, b"a" + head), flush(20), out(40, tail + b"b")])
            yield Case(f"{text} split after {cut} by the end", [out(0, b"a" + head)])
            yield Case(
                f"{text} split after {cut} where it does not fit",
                [out(0, b"a" * (30 - len(data)) + head), out(9, tail + b"b")], 32, None)
    yield Case(
        "both directions split at once",
        [typed(1, CLEF[:2]), out(2, "€".encode()[:1]), typed(3, CLEF[2:]), out(4, "€".encode()[1:])])
    yield Case("the edges of table 3-7", [out(0, b"".join(GOOD))], 64)
    yield Case("the replacement character itself is text", [out(0, b"\xef\xbf\xbd\xff\xef\xbf\xbd")])


def invalid():
    """Ill-formed bytes: each kind alone, before text, split, and at the edge of a message."""
    for name, data in BROKEN.items():
        yield Case(f"{name}, before and after text", [out(0, b"a" + data + b"b")])
        yield Case(
            f"{name}, typed byte by byte",
            [typed(7 * place, data[place:place + 1]) for place in range(len(data))])
        yield Case(f"{name}, repeated over messages", [out(0, data * 6), out(10, data * 6 + b".")], 48, None)
    yield Case(
        "held bytes broken off where they do not fit",
        [out(0, b"a" * 18 + CLEF[:3]), out(40, b"b" * 20)], 32, None)
    yield Case("held bytes broken off by a byte that is invalid too", [out(0, CLEF[:3]), out(40, b"\xff")], 32, None)
    yield Case("both held where only one fits", [typed(0, CLEF[:3]), out(0, b"a" * 10 + CLEF[:3])], 44, None)
    yield Case(
        "held bytes stay with the character that breaks them off",
        [out(0, b"a" * 12 + CLEF[:1]), typed(0, b"b"), out(40, b"c")], 32, None)
    yield Case(
        "held bytes do not wait for a byte that is held in turn",
        [out(0, b"a" * 12 + CLEF[:1]), typed(0, b"b"), out(40, CLEF[:1])], 32, None)
    yield Case("both held at a full message's end", [typed(0, CLEF[:3]), out(0, b"a" * 20 + CLEF[:3])], 36, None)


def windows():
    """Changes of the window."""
    yield Case("a change and back", [window(40, 100, 30), window(80, 80, 24), out(120, b"x")])
    yield Case("changes only", [window(40 * step, 80 + step, 24) for step in range(1, 30)], 64)
    yield Case("no columns, no rows", [out(0, b"x"), window(40, 1, 1)], terminal=(0, 0))
    yield Case("the largest", [window(40, 65535, 65535), out(41, b"abc" * 30)], 32)
    yield Case(
        "a window after a flush is not stated twice",
        [out(0, b"x"), flush(10), window(20, 90, 30), out(20, b"y")])
    yield Case("data after a flush restates the window", [out(0, b"x"), flush(10), out(20, b"y"), window(30, 90, 30)])
    yield Case(
        "a window while characters are held",
        [out(0, CLEF[:1]), typed(0, CLEF[:2]), window(5, 90, 30), typed(6, CLEF[2:]), out(7, CLEF[1:])])
    for length in range(15, 25):
        yield Case(
            f"a window after {length} letters",
            [out(0, b"a" * length), window(50, 132, 43), out(50, b"b")], 32, (9, 9))


def directions():
    """Input and output."""
    keys = b"ls -l\r"
    echo = []
    for place in range(len(keys)):
        key = keys[place:place + 1]
        echo += [typed(40 * place, key), out(40 * place, key)]
    yield Case("keys and their echo in the same ms", echo)
    yield Case("keys and their echo a ms later", [(at + (kind == ">"), kind, data) for at, kind, data in echo])
    yield Case("keys and their echo in small messages", echo, 32, None)
    yield Case(
        "an echo before its key",
        [(at, kind, data) for at, kind, data in sorted(echo, key=lambda event: (event[0], event[1] == "<"))])
    for payload in range(32, 48, 3):
        yield Case(
            f"both directions in one ms until {payload} is full",
            [event for _ in range(12) for event in (out(0, b"oo"), typed(0, b"i"))], payload, None)
    for log in (("output", "window"), ("input", "window"), ("input", "output"), ("window",), ("input",), ("output",)):
        name = "only " + " and ".join(log)
        yield Case(
            name,
            [out(0, b"a"), typed(0, b"b"), window(0, 99, 9), out(0, CLEF[:2]), typed(0, b"c"), flush(0),
             out(0, CLEF[2:]), typed(0, b"d")], log=log)
        if "window" not in log:
            yield Case(
                name + ", on pipes",
                [out(0, b"a"), typed(0, b"b"), out(30, b"c" * 70), typed(40, b"d" * 70)], 64, None, log)


def chance():
    """Seeded random scripts."""
    sizes = (40, 41, 44, 48, 64, 80, 100, 128, 200, 256, 500, 1000, 2048, 4096)
    for seed in range(80):
        yield random_case(seed, sizes[seed % len(sizes)])


def random_case(seed, payload):
    dice = random.Random(seed)
    terminal = dice.choice([None, (80, 24), (132, 43), (5, 5)])
    size, now, events = terminal, 0, []
    budget = min(4 * payload, 1500)
    while budget > 0:
        now += dice.choice([0, 0, 0, 1, 4, 9, 10, 37, 40, 99, 100, 123, 999, 1000, 4321, 10000])
        action = dice.random()
        if action < 0.06 and terminal:
            new = (dice.choice([1, 9, 10, 80, 99, 100, 200]), dice.choice([1, 9, 10, 24, 99, 100]))
            if new != size:
                events.append(window(now, *new))
                size = new
        elif action < 0.12:
            events.append(flush(now))
        else:
            data = random_bytes(dice)
            budget -= len(data)
            events.append(typed(now, data) if dice.random() < 0.35 else out(now, data))
    if payload < 64:  # both directions ending in held bytes would hang stock: README.md, "Where stock is wrong"
        events += [typed(now, b"."), out(now, b".")]
    return Case(f"seed {seed}", at_zero(events, terminal), payload, terminal)


def at_zero(events, terminal):
    """Times from the first logged event: without a window that is the first with bytes."""
    if terminal:
        return events
    while events[0][1] == "flush":
        events = events[1:]
    return [(at - events[0][0], kind, value) for at, kind, value in events]


def random_bytes(dice):
    data = b""
    for _ in range(dice.randint(1, 8)):
        kind = dice.random()
        if kind < 0.45:
            data += bytes(dice.randint(0x20, 0x7e) for _ in range(dice.choice([1, 2, 5, 12, 30])))
        elif kind < 0.6:
            data += dice.choice([b"\r\n", b"\x1b[0m", b"\t", b'"', b"\\", b"\x7f", b"\x00", b"\x08 \x08", b"/"])
        elif kind < 0.8:
            data += dice.choice(GOOD)
        elif kind < 0.9:
            data += dice.choice(list(BROKEN.values()))
        else:
            data += bytes(dice.randint(0x80, 0xff) for _ in range(dice.randint(1, 4)))
    if dice.random() < 0.3:
        data = data[:dice.randint(1, len(data))]
    return data


def backwards():
    """Where stock is wrong: a message that begins with bytes held since before the last message ended."""
    yield Case("broken off after a flush", [typed(1000, CLEF[:2]), out(2000, b"x"), flush(2500), typed(3000, b"\xff")])
    yield Case("cut after a flush", [typed(1000, CLEF[:2]), out(2000, b"x"), flush(2500)])
    yield Case(
        "broken off after a full message",
        [typed(1000, CLEF[:3]), out(2000, b"x" * 60), typed(3000, b"\xff")], 48)


THEMES = (contract, payloads, escapes, characters, invalid, windows, directions, chance, backwards)


def goes_back(lines):
    """Whether a message begins before the one before it ends."""
    end = 0
    for message in map(json.loads, lines):
        if message["pos"] < end:
            return True
        end = message["pos"] + sum(map(int, re.findall(r"\+(\d+)", message["timing"])))
    return False


def write_theme(theme, shim):
    count = 0
    path = os.path.join(drive.HERE, theme.__name__ + ".vectors")
    with open(path, "wb") as file:
        file.write(f"# {theme.__doc__} Stock tlog-rec 12.1; made by generate.py.\n".encode())
        for case in theme():
            lines = drive.record(case, shim)
            if goes_back(lines) != (theme is backwards):  # some seeds do by chance: they say nothing new
                print(f"{case.name}: left out")
                continue
            file.write(b"\n" + "\n".join(case.lines()).encode() + b"\n")
            file.writelines(line + b"\n" for line in lines)
            count += 1
    print(f"{theme.__name__}: {count} cases, {os.path.getsize(path)} bytes")
    return count


def main():
    wanted = sys.argv[1:] or [theme.__name__ for theme in THEMES]
    with tempfile.TemporaryDirectory() as directory:
        shim = drive.build_shim(directory)
        total = sum(write_theme(theme, shim) for theme in THEMES if theme.__name__ in wanted)
    print(f"{total} cases")


if __name__ == "__main__":
    main()
