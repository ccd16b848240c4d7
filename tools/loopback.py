"""A centre and an agent on loopback, in a folder of their own, for as long as somebody needs them."""

import ctypes
import json
import os
import shutil
import signal
import subprocess
import time

START_SECONDS = 30  # a program that is not ready by then has failed
STOP_SECONDS = 15
SOCKET_PATH_MAX = 107  # unix(7)
PR_SET_PDEATHSIG = 1

_libc = ctypes.CDLL(None)


class Failed(Exception):
    """A program did not do what it was started for."""


class Loopback:
    """Starts both; `close` stops them. Were this process killed, the kernel would stop them."""

    def __init__(self, programs, folder):
        self.programs, self.folder = programs, folder
        self.running = []
        self.token_file = os.path.join(folder, "token")
        self.authority = os.path.join(folder, "centre/ca.pem")
        self.socket = os.path.join(folder, "run/self.sock")
        if len(os.path.join(folder, "centre/stenod.sock")) > SOCKET_PATH_MAX:
            raise Failed(f"{folder}: too long for the path of a socket\nhint: a checkout nearer to /")
        if os.path.exists(folder):
            shutil.rmtree(folder)
        os.makedirs(os.path.join(folder, "run"))

    # --- Starting and stopping

    def start_centre(self):
        """Returns after how many seconds connections are taken."""
        began = time.monotonic()
        data = os.path.join(self.folder, "centre")
        configuration = os.path.join(self.folder, "stenod.yaml")
        # A demonstration is content with little room.
        self._write(configuration, "free-bytes-min: 0\nfree-percent-min: 0\n")
        centre = self._start("stenod", "--data", data, "--listen", "127.0.0.1:0", "--config", configuration)
        self._wait(centre, "stenod.out", "listening on ")
        self.server = "https://" + self._read("stenod.out").split("listening on ")[1].split()[0]
        self._write(self.token_file, self._output("stenod", "token", "--data", data, "--role", "admin"))
        return time.monotonic() - began

    def start_agent(self, host):
        """Joins the centre as `host`; returns after how many seconds."""
        began = time.monotonic()
        data, join = os.path.join(self.folder, "centre"), os.path.join(self.folder, "join")
        self._write(join, self._output("stenod", "join-token", "--data", data, "--host", host))
        agent = self._start(
            "steno-agent", f"--state={self.folder}/agent", f"--run={self.folder}/run", f"--host={host}",
            f"--server={self.server}", f"--ca={self.authority}", f"--join=@{join}")
        self._wait(agent, "steno-agent.log", "joined the centre")
        return time.monotonic() - began

    def close(self):
        """The agent first: what it has goes to the centre."""
        for process in reversed(self.running):
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.running = []

    def _start(self, name, *arguments):
        def with_parent():  # and ^C at the terminal is the parent's alone
            os.setsid()
            _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)

        with open(os.path.join(self.folder, f"{name}.out"), "wb") as output:
            with open(os.path.join(self.folder, f"{name}.log"), "wb") as log:
                process = subprocess.Popen(
                    [os.path.join(self.programs, name), *arguments], stdin=subprocess.DEVNULL, stdout=output,
                    stderr=log, preexec_fn=with_parent)
        self.running.append(process)
        return process

    def _wait(self, process, file, words):
        """Until `words` and the end of their line are in `file`."""
        deadline = time.monotonic() + START_SECONDS
        while words not in self._read(file) or not self._read(file).endswith("\n"):
            if process.poll() is not None or time.monotonic() > deadline:
                name = os.path.basename(process.args[0])
                raise Failed(f"{name} did not start: {self._read(f'{name}.log').strip() or 'it says nothing'}")
            time.sleep(0.01)

    # --- Asking

    def link(self):
        """What signs a browser in, once."""
        return self._output("stenod", "link", "--data", os.path.join(self.folder, "centre")).strip()

    def steno(self, *arguments, **options):
        """Runs `steno` as somebody with a token would, on the network."""
        environment = os.environ | self.variables()
        return subprocess.run(
            [os.path.join(self.programs, "steno"), *arguments], env=environment, stdin=subprocess.DEVNULL, **options)

    def variables(self):
        return {"STENO_SERVER": self.server, "STENO_CA": self.authority, "STENO_TOKEN": f"@{self.token_file}"}

    def recordings(self):
        listed = self.steno("ls", "--json", capture_output=True)
        if listed.returncode not in (0, 3):  # 3: there are none yet
            raise Failed(f"steno ls: {listed.stderr.decode().strip()}")
        return json.loads(listed.stdout)

    def export(self, form, recording):
        exported = self.steno("export", "--format", form, recording, capture_output=True)
        if exported.returncode != 0:
            raise Failed(f"steno export: {exported.stderr.decode().strip()}")
        return exported.stdout

    def _output(self, name, *arguments):
        return subprocess.run(
            [os.path.join(self.programs, name), *arguments], stdout=subprocess.PIPE, check=True).stdout.decode()

    def _read(self, name):
        with open(os.path.join(self.folder, name), encoding="utf-8", errors="replace") as file:
            return file.read()

    @staticmethod
    def _write(path, text):
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
