"""Recordings for the tests of the pages: events from which messages are made, the same at each run.

An event is `(ms, kind, data)`: "o" output, "i" input, "r" a window as "COLSxROWS", "g" the reason of a gap. Two of
them tell the story that the tests of Cockpit's session recording tell: whoami, id, echo, a pause, exit.
"""

import datetime
import random


HOSTILE = "<img src=x onerror=alert(4)>\u202e\x07\"'&"


def moment(text):
    """Milliseconds since the Epoch; `text` is a time in UTC."""
    return int(datetime.datetime.fromisoformat(text + "+00:00").timestamp() * 1000)


class Made:
    """
    One recording. `start` in milliseconds since the Epoch; `ended` False for one that goes on; `clock_set` when the
    host's clock was set, and by how many milliseconds.
    """

    def __init__(
            self, name, user, host, start, events, columns=80, rows=24, ended=True, trust="trusted", why="exit",
            clock_set=(0, 0)):
        self.clock_set = clock_set
        self.name, self.user, self.host, self.start = name, user, host, start
        self.events, self.columns, self.rows = events, columns, rows
        self.ended, self.trust, self.why = ended, trust, why

    @property
    def duration(self):
        return self.events[-1][0] if self.events else 0


class Shell:
    """Types commands at a prompt, as a person would, and shows what they print."""

    def __init__(self, user, host, seed):
        self.prompt = f"\x1b[32m{user}@{host}\x1b[0m:\x1b[34m~\x1b[0m$ "
        self.random = random.Random(seed)
        self.events, self.ms = [], 120
        self.output(self.prompt)

    def output(self, text):
        self.events.append((self.ms, "o", text))

    def wait(self, ms):
        self.ms += ms

    def command(self, text, *lines):
        self.wait(700)
        for character in text:
            self.events.append((self.ms, "i", character))
            self.output(character)
            self.wait(self.random.randint(40, 160))
        self.events.append((self.ms, "i", "\r"))
        self.output("\r\n")
        for line in lines:
            self.wait(30)
            self.output(line + "\r\n")
        self.wait(20)
        self.output(self.prompt)


def first():
    """Its screen ends at "exit"; 16 seconds of nothing in the middle."""
    shell = Shell("contractor1", "localhost", 1)
    shell.command("whoami", "contractor1")
    shell.command("id", "uid=1001(contractor1) gid=1001(contractor1) groups=1001(contractor1)")
    shell.command("echo thisisatest123", "thisisatest123")
    shell.command("sleep 16")
    shell.events.pop()
    shell.wait(16000)
    shell.output(shell.prompt)
    shell.command("echo thisisanothertest456", "thisisanothertest456")
    shell.command("exit", "exit")
    shell.events.pop()
    return Made("rec1", "contractor1", "localhost", moment("2020-06-01T16:16:12"), shell.events)


def second():
    shell = Shell("contractor1", "localhost", 2)
    shell.command('echo "Extra Commands"', "Extra Commands")
    shell.command("sudo systemctl daemon-reload", "[sudo] password for contractor1: ")
    shell.command("sudo ssh root@localhost", "ssh: connect to host localhost port 22: Connection refused")
    shell.command("exit", "exit")
    return Made("rec2", "contractor1", "localhost", moment("2020-06-01T16:30:40"), shell.events)


def screenful(columns, rows, title, number):
    """What a two-panel file manager draws: colours, box characters, the alternate screen."""
    half = columns // 2
    lines = [f"\x1b[44;37m┌{'─' * (half - 2)}┐┌{'─' * (columns - half - 2)}┐"]
    for row in range(rows - 3):
        left = f"{'/' if row % 3 else ' '}name-{number}-{row}"[: half - 2].ljust(half - 2)
        right = f" {row * 4096 + number:>9} Jun  1"[: columns - half - 2].ljust(columns - half - 2)
        lines.append(f"│{left}││\x1b[1;33m{right}\x1b[22;37m│")
    lines.append(f"└{'─' * (half - 2)}┘└{'─' * (columns - half - 2)}┘")
    body = "".join(f"\x1b[{row + 1};1H{line}" for row, line in enumerate(lines))
    return f"{body}\x1b[0m\x1b[{rows};1H{title} {number}\x1b[K"


def panels():
    """A full-screen program, with a resize in the middle; then "exit" on the first screen."""
    shell = Shell("contractor1", "localhost", 3)
    shell.command("mc")
    shell.events.pop()
    shell.output("\x1b[?1049h\x1b[2J")
    columns, rows = 80, 24
    for number in range(40):
        shell.wait(250)
        if number == 20:
            columns, rows = 100, 30
            shell.events.append((shell.ms, "r", "100x30"))
        shell.output(screenful(columns, rows, "Hint: Tab changes panel", number))
    shell.wait(400)
    shell.output("\x1b[?1049l" + shell.prompt)
    shell.command("exit", "exit")
    return Made("binaryrec", "contractor2", "db1.example", moment("2020-06-02T09:00:00"), shell.events)


def hostile():
    """Names and output that try to be markup, script, controls, or questions to the terminal."""
    events = [
        (100, "o", "<img src=x onerror=alert(1)><script>alert(2)</script>\r\n"),
        (200, "o", "\x1b]0;<b>title</b>\x07\x1b]52;c;aGVsbG8=\x07\x1b[c\x1b[6n\x1b]8;;javascript:alert(3)\x07link\x1b]8;;\x07\r\n"),
        (900, "o", "still here\r\n"),
    ]
    return Made(
        "hostile", HOSTILE, "db1.example", moment("2020-06-03T10:00:00"), events, trust="self-reported")


def keys_only():
    """Nothing but input: what a recorder without output leaves."""
    events = [(1000 + index * 300, "i", character) for index, character in enumerate("ls -l\rexit\r")]
    return Made("keys", "typist", "localhost", moment("2020-06-04T10:00:00"), events)


def gapped():
    """A stretch is missing, and it was killed."""
    events = [(index * 200 + 100, "o", f"line {index}\r\n") for index in range(30)]
    events.insert(15, (3050, "g", "sink"))
    return Made("gapped", "ada", "db1.example", moment("2020-06-05T10:00:00"), events, why="killed")


def states():
    """One of each state that has ended, by the words for them; those that self-report are `tampered`."""
    hole = (150, "g", "damaged")
    for name, gap, trust, why in [
        ("complete", None, "trusted", "exit"), ("incomplete", (150, "g", "limit"), "trusted", "exit"),
        ("killed", None, "trusted", "killed"), ("interrupted", None, "trusted", "host-down"),
        ("damaged", hole, "trusted", "exit"), ("tampered", hole, "self-reported", "exit"),
    ]:
        events = [(100, "o", "before\r\n")] + ([gap] if gap else []) + [(30600, "o", "after\r\n")]
        yield Made(f"state-{name}", "sam", "states.example", moment("2020-05-01T10:00:00"), events, trust=trust, why=why)


def clock_set():
    """The host's clock is set an hour ahead in the middle."""
    events = [(index * 1000, "o", f"line {index}\r\n") for index in range(11)]
    return Made(
        "clock", "sam", "states.example", moment("2020-05-02T10:00:00"), events, clock_set=(5000, 3600000))


def shrunk():
    """A window that gets smaller."""
    events = [(100, "o", "".join(f"row {row}\r\n" for row in range(39))), (1000, "r", "60x20"), (1100, "o", "small\r\n"), (3000, "o", "end")]
    return Made("shrunk", "sam", "states.example", moment("2020-05-03T10:00:00"), events, 80, 40)


def wrapped():
    """A line longer than the screen is wide, which has left it."""
    events = [(100, "o", "漢字 " + "x" * 200 + " end\r\n")] + [(200 + row * 100, "o", f"row {row}\r\n") for row in range(30)]
    return Made("wrapped", "sam", "states.example", moment("2020-05-03T11:00:00"), events + [(5000, "o", "done")])


def wide():
    """A terminal of 500x200."""
    events = [
        (100 + row * 20, "o", f"\x1b[{row + 1};1H\x1b[3{row % 7 + 1}m{row:03}:" + "".join(f"{column:>5}" for column in range(5, 500, 5)))
        for row in range(200)
    ]
    return Made("wide", "ada", "wall.example", moment("2020-06-06T10:00:00"), events, 500, 200)


def long(hours=10, lines_per_minute=30):
    """Hours of numbered lines, so that any moment can be told from its screen."""
    step = 60000 // lines_per_minute
    count = hours * 60 * lines_per_minute
    events = [(number * step, "o", f"\x1b[3{number % 7 + 1}mline {number:06}\x1b[0m {'.' * (number % 50)}\r\n") for number in range(1, count + 1)]
    return Made("long", "grace", "build.example", moment("2020-06-07T00:00:00"), events)


def build_log():
    """What the screenshots show: somebody at work."""
    shell = Shell("ada", "build.example", 7)
    shell.command("cd /srv/app && git status", "On branch main", "Your branch is up to date with 'origin/main'.", "", "nothing to commit, working tree clean")
    shell.wait(4000)
    tests = [f"\x1b[32m✓\x1b[0m {name:<34} \x1b[2m{ms:>5} ms\x1b[0m" for name, ms in zip(
        ("spool: a torn tail is a gap", "relay: ^C passes while output waits", "wire: a batch is held once",
         "search: naïve café is found", "seal: frames are cut at keyframes"), (12, 181, 44, 96, 230))]
    shell.command("make test", "\x1b[1mBuilding for debugging…\x1b[0m", *tests, "\x1b[1;32m5 passed\x1b[0m, 0 failed, 0 skipped")
    shell.wait(9000)
    shell.command("sudo systemctl restart app", "[sudo] password for ada: ")
    shell.wait(2500)
    shell.command(
        "systemctl status app --no-pager", "\x1b[1;32m●\x1b[0m app.service - The application",
        "     Loaded: loaded (/lib/systemd/system/app.service; \x1b[1;32menabled\x1b[0m)",
        "     Active: \x1b[1;32mactive (running)\x1b[0m since Mon 2020-06-08 09:14:31 UTC; 2s ago",
        "   Main PID: 48213 (app)", "      Tasks: 9 (limit: 4915)", "     Memory: 38.2M")
    shell.wait(1500)
    return Made("work", "ada", "build.example", moment("2020-06-08T09:14:00"), shell.events, 100, 30)


def many(count):
    """Short ones of four people on one host, one an hour."""
    return [
        Made(
            f"many-{number}", ("ada", "grace", "linus", "ken")[number % 4], "many.example",
            moment("2019-01-01T00:00:00") + number * 3600000, [(100 + number, "o", f"hello {number}\r\n")],
            trust="self-reported" if number % 5 == 0 else "trusted")
        for number in range(count)
    ]


def all_made():
    return [first(), second(), panels(), hostile(), keys_only(), gapped(), *states(), clock_set(), shrunk(), wrapped(), wide(), long(), build_log()]
