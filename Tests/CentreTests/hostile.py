#!/usr/bin/python3
"""Opens connections to a centre, from an address of its own, and says nothing over them.

    hostile.py PORT COUNT BOUND     waits until the centre has closed all but BOUND, prints how many those are, and holds
                                    the rest until its input ends
"""

import resource
import select
import socket
import sys

port, count, bound = (int(word) for word in sys.argv[1:])
hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
held, closed = {}, 0
poll = select.poll()
for _ in range(count):
    one = socket.socket()
    one.bind(("127.0.0.2", 0))
    try:
        one.connect(("127.0.0.1", port))
    except OSError:
        closed += 1
        continue
    held[one.fileno()] = one
    poll.register(one, select.POLLIN)
while len(held) > bound:
    for fd, _ in poll.poll():
        poll.unregister(fd)
        held.pop(fd).close()
        closed += 1
print(f"closed {closed}", flush=True)
sys.stdin.read()
