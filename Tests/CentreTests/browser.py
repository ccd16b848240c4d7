#!/usr/bin/python3
"""Asks a centre as a browser or a script does.

    browser.py ask URL CA METHOD PATH [NAME=VALUE]... [--body TEXT]   prints {"status", "headers", "body"}
    browser.py listen URL CA PATH COUNT [NAME=VALUE]...               prints COUNT events, one a line: {"event", "id", "data"}
    browser.py pause URL CA PATH [NAME=VALUE]...                      prints the status, reads on after a line of input, and
                                                                      prints `whole` or `broken`
    browser.py drip URL CA PATH                                       sends a body a byte at a time, and prints `closed` when
                                                                      nobody takes it any more

NAME=VALUE is a header. `listen` prints the status first when it is not 200, and stops after an `end` event.
"""

import http.client
import json
import ssl
import sys
import time
import urllib.parse


def connect(url, authority):
    place = urllib.parse.urlsplit(url)
    context = ssl.create_default_context(cafile=authority)
    return http.client.HTTPSConnection(place.hostname, place.port, context=context, timeout=60)


def headers(words):
    return dict(word.split("=", 1) for word in words)


def ask(url, authority, method, path, *words):
    body = None
    if "--body" in words:
        place = words.index("--body")
        body, words = words[place + 1], words[:place]
    connection = connect(url, authority)
    connection.request(method, path, body, headers(words))
    answer = connection.getresponse()
    fields = {name.lower(): value for name, value in answer.getheaders()}
    text = answer.read().decode("utf-8", "replace")
    print(json.dumps({"status": answer.status, "headers": fields, "body": text}))


def listen(url, authority, path, count, *words):
    connection = connect(url, authority)
    connection.request("GET", path, None, headers(words))
    answer = connection.getresponse()
    if answer.status != 200:
        print(json.dumps({"event": "status", "id": "", "data": str(answer.status)}))
        return
    left, event = int(count), {}
    while left > 0:
        line = answer.readline().decode()
        if not line:
            break
        line = line.rstrip("\n")
        if line:
            name, _, value = line.partition(": ")
            event[name] = value
        elif "event" in event:
            print(json.dumps({"event": event["event"], "id": event.get("id", ""), "data": event.get("data", "")}), flush=True)
            left -= 1
            if event["event"] == "end":
                break
            event = {}
        else:
            event = {}


def pause(url, authority, path, *words):
    connection = connect(url, authority)
    connection.request("GET", path, None, headers(words))
    answer = connection.getresponse()
    print(answer.status, flush=True)
    sys.stdin.readline()
    try:
        answer.read()
        print("whole")
    except (http.client.HTTPException, OSError):
        print("broken")


def drip(url, authority, path):
    connection = connect(url, authority)
    connection.putrequest("POST", path)
    connection.putheader("content-type", "application/json")
    connection.putheader("content-length", "60000")
    connection.endheaders()
    try:
        while True:
            connection.send(b" ")
            time.sleep(0.05)
    except OSError:
        print("closed")


if __name__ == "__main__":
    {"ask": ask, "listen": listen, "pause": pause, "drip": drip}[sys.argv[1]](*sys.argv[2:])
