"""Runs stock tlog-rec on a script of events, one event at a time, under a clock that the script turns.

Two halves: `record` is the driver, on the person's side of the recorder; `child_main` is the recorded program. They
talk over a socket, so that the driver knows when an event has gone all the way through the recorder, which by then
has stamped and encoded it. Only then the clock moves on.
"""

import fcntl
import os
import pty
import re
import select
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import termios
import time
import tty

RECORDER = "/usr/bin/tlog-rec"
PYTHON = "/usr/bin/python3"
HERE = os.path.dirname(os.path.abspath(__file__))
DEADLINE = 5.0  # seconds for one event to come through; a lost one fails the case, and the case is tried again
START_NS = 250_000_000  # so that the wall clock of the first event is 1000000000.250

HEADER = re.compile(
    rb'^\{"ver":"2\.3","host":"[^"]*","rec":"[^"]*","user":"[^"]*","term":"[^"]*","session":\d+,'
)
PLAIN_HEADER = b'{"ver":"2.3","host":"h","rec":"r","user":"u","term":"t","session":1,'


class Lost(Exception):
    """An event did not come through in time."""


# --- the recorded program


def child_main(path):
    """Writes what it is told to, and tells what it reads and how large its window is."""
    link = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    link.connect(path)
    on_terminal = os.isatty(0)
    if on_terminal:
        tty.setraw(0, termios.TCSANOW)
        notice, wake = os.pipe()
        os.set_blocking(wake, False)
        signal.set_wakeup_fd(wake, warn_on_full_buffer=False)
        signal.signal(signal.SIGWINCH, lambda *_: None)
    else:
        notice = os.pipe()[0]
    link.sendall(b"R\0\0\0\0")
    while True:
        ready, _, _ = select.select([0, link, notice], [], [])
        if notice in ready:
            os.read(notice, 100)
            link.sendall(b"W" + fcntl.ioctl(0, termios.TIOCGWINSZ, b"\0" * 8)[:4])
        if 0 in ready:
            link.sendall(b"I" + struct.pack("=I", len(os.read(0, 65536))))
        if link in ready:
            head = link.recv(4, socket.MSG_WAITALL)
            if len(head) < 4:
                return
            data = link.recv(struct.unpack("=I", head)[0], socket.MSG_WAITALL)
            while data:
                data = data[os.write(1, data):]


# --- the driver


class Session:
    """One run of stock tlog-rec with a clock of its own."""

    def __init__(self, case, directory, shim):
        self.case = case
        self.log = os.path.join(directory, "log")
        clock = os.path.join(directory, "clock")
        with open(clock, "wb") as file:
            file.write(struct.pack("=qq", START_NS, 0))
        self.clock = os.open(clock, os.O_RDWR)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(os.path.join(directory, "s"))
        listener.listen(1)
        environment = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TERM": "t"}
        environment |= {"LD_PRELOAD": shim, "VECTOR_CLOCK": clock}
        arguments = [RECORDER, "-o", self.log, "--latency=3600", f"--payload={case.payload}"]
        for item in ("input", "output", "window"):
            arguments.append(f"--log-{item}={'on' if item in case.log else 'off'}")
        arguments += [PYTHON, "-ESs", os.path.join(HERE, "drive.py"), listener.getsockname()]
        self.start(arguments, environment)
        if not select.select([listener], [], [], DEADLINE)[0]:
            raise Lost("start")
        self.link = listener.accept()[0]
        listener.close()
        self.read_marks = {b"R": 0, b"I": 0, b"W": 0}
        self.shown = 0
        self.last_window = None
        self.wait_for(lambda: self.read_marks[b"R"] > 0)
        if case.terminal:  # the first event is the window; it must be stamped before the clock moves
            self.wait_for(lambda: struct.unpack("=q", os.pread(self.clock, 8, 8))[0] > 0)

    def start(self, arguments, environment):
        if self.case.terminal:
            self.pid, self.near = pty.fork()
            if self.pid == 0:
                columns, rows = self.case.terminal
                fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("=HHHH", rows, columns, 0, 0))
                os.execve(arguments[0], arguments, environment)
            self.near_in = self.near_out = self.near
        else:
            process = subprocess.Popen(
                arguments, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
            self.pid, self.process = process.pid, process
            self.near_in, self.near_out = process.stdin.fileno(), process.stdout.fileno()

    def wait_for(self, done):
        end = time.monotonic() + DEADLINE
        while not done():
            left = end - time.monotonic()
            if left <= 0:
                raise Lost("event")
            ready, _, _ = select.select([self.near_out, self.link], [], [], min(left, 0.005))
            if self.near_out in ready:
                self.shown += len(os.read(self.near_out, 65536))
            if self.link in ready:
                message = self.link.recv(5, socket.MSG_WAITALL)
                kind, value = message[:1], message[1:]
                if kind == b"W":
                    rows, columns = struct.unpack("=HH", value)
                    self.last_window = (columns, rows)
                else:
                    self.read_marks[kind] += struct.unpack("=I", value)[0] if kind == b"I" else 1

    def perform(self, event):
        milliseconds, kind, value = event
        os.pwrite(self.clock, struct.pack("=q", START_NS + milliseconds * 1_000_000), 0)
        if kind == ">":
            target = self.shown + len(value)
            self.link.sendall(struct.pack("=I", len(value)) + value)
            self.wait_for(lambda: self.shown >= target)
        elif kind == "<":
            target = self.read_marks[b"I"] + len(value)
            os.write(self.near_in, value)
            self.wait_for(lambda: self.read_marks[b"I"] >= target)
        elif kind == "=":
            columns, rows = value
            fcntl.ioctl(self.near, termios.TIOCSWINSZ, struct.pack("=HHHH", rows, columns, 0, 0))
            self.wait_for(lambda: self.last_window == value)
        elif kind == "flush":
            size = os.path.getsize(self.log)
            os.kill(self.pid, signal.SIGALRM)  # what the latency alarm sends
            end = time.monotonic() + 0.1  # an empty message is not written: nothing to see then
            while os.path.getsize(self.log) == size and time.monotonic() < end:
                time.sleep(0.001)

    def finish(self):
        """Ends the recorded program, which ends the recorder, and returns the log's lines."""
        self.link.shutdown(socket.SHUT_WR)
        end = time.monotonic() + DEADLINE
        while os.waitpid(self.pid, os.WNOHANG)[0] == 0:
            if time.monotonic() > end:
                raise Lost("end")
            if select.select([self.near_out], [], [], 0.005)[0]:
                try:
                    os.read(self.near_out, 65536)
                except OSError:
                    time.sleep(0.001)
        with open(self.log, "rb") as file:
            return file.read().splitlines()

    def close(self):
        for name in ("clock", "near"):
            if hasattr(self, name):
                os.close(getattr(self, name))
        if hasattr(self, "link"):
            self.link.close()
        if hasattr(self, "process"):
            self.process.stdin.close()
            self.process.stdout.close()
            self.process.returncode = 0


def build_shim(directory):
    """Compiles clock.c and returns the path of the library."""
    library = os.path.join(directory, "clock.so")
    subprocess.run(["cc", "-O1", "-shared", "-fPIC", "-o", library, os.path.join(HERE, "clock.c")], check=True)
    return library


def record_once(case, shim):
    with tempfile.TemporaryDirectory() as directory:
        session = None
        try:
            session = Session(case, directory, shim)
            for event in case.events:
                if event[1] != "cut":
                    session.perform(event)
            lines = session.finish()
        except Lost:
            if session is not None:
                os.kill(session.pid, signal.SIGKILL)
                os.waitpid(session.pid, 0)
            raise
        finally:
            if session is not None:
                session.close()
    return [HEADER.sub(PLAIN_HEADER, line) for line in lines]


def record(case, shim):
    """Stock's lines for `case`: recorded until two runs agree."""
    last = None
    for _ in range(6):
        try:
            lines = record_once(case, shim)
        except Lost:
            print(f"{case.name}: an event was lost, again", file=sys.stderr)
            continue
        if lines == last:
            return lines
        if last is not None:
            print(f"{case.name}: two runs differ, again", file=sys.stderr)
        last = lines
    raise SystemExit(f"{case.name}: no two runs agree")


if __name__ == "__main__":
    child_main(sys.argv[1])
