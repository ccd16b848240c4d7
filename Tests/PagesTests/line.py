"""A line to the centre that can be cut: a TCP relay on loopback."""

import contextlib
import socket
import threading


class Line:
    """Relays connections to `port`; browsers use its own, `self.port`."""

    def __init__(self, port):
        self.target = port
        self.port = 0
        self.connections = set()
        self.lock = threading.Lock()
        self.join()

    def join(self):
        """Takes connections, again at the same port."""
        self.listener = socket.create_server(("127.0.0.1", self.port), backlog=64)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, args=(self.listener,), daemon=True).start()

    def cut(self):
        """Closes what is open, and takes nothing."""
        # shutdown wakes the thread that accepts; close alone leaves it, and the port, as they are.
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        with self.lock:
            for end in self.connections:
                with contextlib.suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
            self.connections.clear()

    @contextlib.contextmanager
    def broken(self):
        self.cut()
        try:
            yield
        finally:
            self.join()

    def accept(self, listener):
        while True:
            try:
                near, _ = listener.accept()
                far = socket.create_connection(("127.0.0.1", self.target))
            except OSError:
                return
            with self.lock:
                self.connections |= {near, far}
            for pair in ((near, far), (far, near)):
                threading.Thread(target=self.pump, args=pair, daemon=True).start()

    def pump(self, source, sink):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        with self.lock:
            self.connections -= {source, sink}
        with contextlib.suppress(OSError):
            source.close()
