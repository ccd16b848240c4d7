"""A centre with made recordings: hosts that have joined, what they sent, who may sign in, sessions that go on."""

import base64
import hashlib
import json
import os
import subprocess
import sys
import time
import urllib.parse

sys.path.append(os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "CentreTests"))

import made_recordings
import sender
from line import Line

# Lines of a batch: as many as the agent sends at once when it has much.
BATCH_LINES = 500
# Events of a message: about what a recorder's payload holds.
MESSAGE_EVENTS = 60


def code_points(text):
    return len(text)


class Recording:
    """The messages of one recording, written from docs/format.md, and how far they were sent."""

    def __init__(self, made, link):
        self.made, self.link = made, link
        self.seq, self.prev, self.off = 0, "", 0
        self.window = f"={made.columns}x{made.rows}"

    @property
    def id(self):
        digest = hashlib.sha256(f"{self.made.host}\0{self.made.name}".encode()).digest()
        return base64.b32encode(digest).decode().lower()[:16]

    def line(self, ms, timing="", in_txt="", out_txt="", kind=None, more={}):
        """The next message, with its LF."""
        self.seq += 1
        self.off += 100 + len(in_txt) + len(out_txt)
        made = self.made
        when, by = made.clock_set
        clock = made.start + ms + (by if ms >= when else 0)
        fields = {
            "ver": "2.4", "host": made.host, "rec": made.name, "user": made.user, "term": "xterm-256color", "session": 1,
            "id": self.seq, "pos": ms, "time": clock / 1000, "timing": timing, "in_txt": in_txt, "in_bin": [],
            "out_txt": out_txt, "out_bin": [],
        }
        if kind:
            fields["kind"] = kind
        line = json.dumps(fields | {"prev": self.prev, "off": self.off} | more, separators=(",", ":"), ensure_ascii=False)
        self.prev = sender.link(line.encode())
        return line.encode() + b"\n"

    def first(self):
        return self.line(0, kind="start", more={
            "uid": 1001, "loginuid": 1001, "parent": "", "tty": "/dev/pts/3", "cmd": "/bin/bash", "trust": self.made.trust,
            "guard": "taken"})

    def last(self, ms):
        return self.line(ms, kind="end", more={"exit": 0, "why": self.made.why, "in_bytes": 0, "out_bytes": 0})

    def data(self, events):
        """One message of these events; a gap is a message of its own."""
        if events[0][1] == "g":
            ms, _, why = events[0]
            return self.line(ms, kind="gap", more={"lost": {"from": ms - 50, "to": ms, "bytes": 4096, "why": why}})
        timing, texts, at = self.window, {"i": "", "o": ""}, events[0][0]
        for ms, kind, data in events:
            timing += f"+{ms - at}" if ms > at else ""
            at = ms
            if kind == "r":
                self.window = f"={data}"
                timing += self.window
            else:
                timing += f"{'<' if kind == 'i' else '>'}{code_points(data)}"
                texts[kind] += data
        return self.line(events[0][0], timing, texts["i"], texts["o"])

    def lines(self):
        """All messages."""
        yield self.first()
        group = []
        for event in self.made.events:
            is_set = group and group[0][0] < self.made.clock_set[0] <= event[0]
            if group and (event[1] == "g" or group[0][1] == "g" or is_set or len(group) == MESSAGE_EVENTS):
                yield self.data(group)
                group = []
            group.append(event)
        if group:
            yield self.data(group)
        if self.made.ended:
            yield self.last(self.made.duration)


class LiveSession:
    """Somebody at work: what is shown is at the centre when `show` returns."""

    def __init__(self, host, name, user):
        self.host = host
        self.recording = Recording(
            made_recordings.Made(name, user, "live.example", int(time.time() * 1000), [], ended=False), host)
        self.id = self.recording.id
        host.send([self.recording.first()])

    @property
    def ms(self):
        return int(time.time() * 1000) - self.recording.made.start

    def show(self, text):
        self.host.send([self.recording.data([(self.ms, "o", text)])])

    def type(self, text):
        self.host.send([self.recording.data([(self.ms, "i", text)])])

    def end(self):
        self.host.send([self.recording.last(self.ms)])


class Host:
    """A host that has joined: its folder holds its keys."""

    def __init__(self, scene, name):
        self.folder = os.path.join(scene.folder, name)
        token = scene.stenod("join-token", "--host", name)
        sender_program = os.path.abspath(sender.__file__)
        answer = subprocess.run(
            ["/usr/bin/python3", sender_program, "join", scene.direct, scene.authority, self.folder, name, token],
            check=True, stdout=subprocess.PIPE, text=True).stdout
        assert answer.startswith("200"), answer
        self.centre = sender.Centre(scene.direct, scene.authority, self.folder)

    def send(self, lines):
        status, body = self.centre.post(sender.zstd(b"".join(lines)))
        answers = json.loads(body)["answers"]
        assert status == 200 and all(each["status"] == "held" for each in answers), body


class Scene:
    """
    `stenod` is the program, `data` the directory of the centre that runs at `url`. Browsers reach it by a line of their own.
    """

    password = "correct horse battery"
    many_count = 600

    def __init__(self, stenod, data, url, folder):
        self.program, self.data, self.direct, self.folder = stenod, data, url, folder
        self.authority = os.path.join(data, "ca.pem")
        self.line = Line(urllib.parse.urlsplit(url).port)
        self.url = f"https://127.0.0.1:{self.line.port}"
        self.ids = {}
        self.hosts = {}

    def stenod(self, *words):
        return subprocess.run(
            [self.program, *words, "--data", self.data], check=True, stdout=subprocess.PIPE, text=True).stdout.strip()

    def host(self, name):
        if name not in self.hosts:
            self.hosts[name] = Host(self, name)
        return self.hosts[name]

    def fill(self, made):
        """Sends recordings, many in a batch."""
        batches = {}
        for each in made:
            recording = Recording(each, None)
            self.ids[each.name] = recording.id
            batch = batches.setdefault(each.host, [])
            for line in recording.lines():
                batch.append(line)
                if len(batch) >= BATCH_LINES:
                    self.host(each.host).send(batch)
                    batch.clear()
        for host, batch in batches.items():
            if batch:
                self.host(host).send(batch)

    def furnish(self):
        """All that the tests need."""
        self.fill(made_recordings.all_made() + made_recordings.many(self.many_count))
        self.add_user("vera", "viewer")

    def add_user(self, name, role):
        subprocess.run(
            [os.path.join(os.path.dirname(self.program), "steno"), "admin", "user", "add", name, "--role", role],
            check=True, text=True, input=self.password + "\n",
            env={"STENO_SERVER": "unix:" + os.path.join(self.data, "stenod.sock"), "HOME": self.data})

    def link(self):
        """A one-time link, at the browsers' line."""
        link = self.stenod("link").split()[-1]
        return self.url + "/#" + link.partition("#")[2]

    def id(self, name):
        return self.ids[name]

    def start_live(self, name, user):
        live = LiveSession(self.host("live.example"), name, user)
        self.ids[name] = live.id
        return live

    def centre_gone(self):
        return self.line.broken()
