"""What the scripts here have in common: rows, what processes cost, hosts that send, and recorders on a terminal."""

import base64
import hashlib
import http.client
import json
import os
import pty
import random
import select
import socket
import sqlite3
import ssl
import subprocess
import sys
import time
import urllib.parse

TICKS = os.sysconf("SC_CLK_TCK")


def row(what, unit, ours, peer="", theirs=None, aim="", limit=""):
    print(what, unit, "" if ours is None else f"{ours:.6g}", peer, "" if theirs is None else f"{theirs:.6g}", aim, limit,
          sep="\t", flush=True)


def say(words):
    print(f"  {words}", file=sys.stderr)


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat", encoding="ascii") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def resident_bytes(pid):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        return int(next(line.split()[1] for line in file if line.startswith("VmRSS"))) * 1024


def link(line):
    """What the next message names of this one."""
    return base64.urlsafe_b64encode(hashlib.sha256(line).digest()).decode().rstrip("=")


def joined(centre, host, folder):
    """A connection of a host that has joined, with keys in `folder`."""
    token = subprocess.run(
        [f"{centre.programs}/stenod", "join-token", "--data", f"{centre.folder}/centre", "--host", host],
        stdout=subprocess.PIPE, check=True).stdout.decode().strip()
    key, csr, pem = (f"{folder}/{host}.{kind}" for kind in ("key", "csr", "pem"))
    openssl = ["openssl", "req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    subprocess.run([*openssl, "-keyout", key, "-out", csr, "-subj", "/CN=x"], check=True, stderr=subprocess.DEVNULL)
    place = urllib.parse.urlsplit(centre.server)
    trust = ssl.create_default_context(cafile=centre.authority)
    joining = http.client.HTTPSConnection(place.hostname, place.port, context=trust)
    with open(csr, encoding="ascii") as file:
        wanted = {"token": token, "host": host, "csr": file.read(), "ledger_key": base64.b64encode(bytes(32)).decode()}
    joining.request("POST", "/v1/enrol", json.dumps(wanted))
    with open(pem, "w", encoding="ascii") as file:
        file.write(json.load(joining.getresponse())["certificate"])
    joining.close()
    trust.load_cert_chain(pem, key)
    connection = http.client.HTTPSConnection(place.hostname, place.port, context=trust)
    connection.connect()
    return connection


def wait_for(what, seconds=60):
    deadline = time.monotonic() + seconds
    while not what():
        if time.monotonic() > deadline:
            sys.exit("bench: waited in vain for the centre")
        time.sleep(0.1)


class Recorded:
    """tlog-rec on a pty of ours, recording through the agent."""

    def __init__(self, centre, command):
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            program = f"{centre.programs}/tlog-rec"
            os.execv(program, [program, "--writer=agent", f"--agent-path={centre.socket}", *command])

    def read(self, seconds=20):
        if not select.select([self.master], [], [], seconds)[0]:
            sys.exit("bench: the recorder shows nothing")
        try:
            return os.read(self.master, 65536)
        except OSError:
            return b""

    def end(self):
        while self.read():
            pass
        os.waitpid(self.pid, 0)
        os.close(self.master)


def local(centre):
    """A connection to the centre's socket: asking costs it little there."""
    connection = http.client.HTTPConnection("localhost")
    connection.sock = socket.socket(socket.AF_UNIX)
    connection.sock.connect(f"{centre.folder}/centre/stenod.sock")
    return connection


def newest(centre):
    connection = local(centre)
    connection.request("GET", "/v1/recordings?count=1")
    found = json.load(connection.getresponse())["recordings"]
    connection.close()
    return found[0] if found else {"state": "none", "messages": 0}


class Marker(Recorded):
    """Shows a mark for each line that is typed."""

    def __init__(self, centre):
        command = ["python3", "-c", "import sys\nfor line in sys.stdin: print('mark', line, end='', flush=True)"]
        super().__init__(centre, ["sh", "-c", 'stty -echo; exec "$@"', "sh", *command])
        self.chance, self.number = random.Random(1), 0

    def show(self, count):
        """Shows that many marks, at a typist's pace; when each was on the terminal."""
        shown = {}
        for _ in range(count):
            os.write(self.master, f"{self.number}\n".encode())
            seen = b""
            while b"\n" not in seen:
                seen += self.read()
            shown[f"mark {self.number}"] = time.monotonic()
            self.number += 1
            time.sleep(self.chance.uniform(0.02, 0.2))
        return shown

    def end(self):
        os.write(self.master, b"\x04")
        super().end()


def catalogue_row(centre, sql, *values):
    catalogue = sqlite3.connect(f"file:{centre.folder}/centre/catalogue.sqlite?mode=ro", uri=True)
    try:
        return catalogue.execute(sql, values).fetchone()
    finally:
        catalogue.close()
