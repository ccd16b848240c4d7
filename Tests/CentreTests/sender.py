#!/usr/bin/python3
"""A sender of messages written from docs/protocol.md ("Wire") and docs/format.md alone.

    sender.py join URL CA DIR HOST TOKEN            make keys in DIR, become known
    sender.py send URL CA DIR HOST REC COUNT [...]  send messages until COUNT are held; prints the head
    sender.py post URL CA DIR FILE [zstd]           send FILE as it is; prints status and answer
    sender.py ledger URL CA DIR FILE [--other-key]  send FILE as an entry of the host's ledger
    sender.py raw URL CA DIR-or-none METHOD PATH    one request; prints status and body

Options of send: --batch=N lines a batch (7), --end to close the recording, --patient to try again for ever.
Every answer that says held is appended to DIR/acknowledged as `REC SEQ HASH` before the next batch goes out.
"""

import base64
import hashlib
import http.client
import json
import os
import ssl
import subprocess
import sys
import time
import urllib.parse


def zstd(data):
    """A frame of uncompressed blocks: RFC 8878, 3.1.1."""
    frame = bytearray(b"\x28\xb5\x2f\xfd\xa0" + len(data).to_bytes(4, "little"))
    places = range(0, max(len(data), 1), 128 * 1024)
    for place in places:
        block = data[place : place + 128 * 1024]
        frame += (len(block) << 3 | (place == places[-1])).to_bytes(3, "little") + block
    return bytes(frame)


def link(line):
    return base64.urlsafe_b64encode(hashlib.sha256(line).digest()).decode().rstrip("=")


def line(host, rec, number, prev, off, end=False, width=0):
    """One message; what it shows tells which it is, so that an export can be checked."""
    text = "" if end else f"message {number} of {rec}".ljust(width) + "\n"
    fields = {
        "ver": "2.4", "host": host, "rec": rec, "user": "ada", "term": "xterm", "session": 1, "id": number,
        "pos": number * 10, "time": 1700000000 + number / 100, "timing": f">{len(text)}" if text else "", "in_txt": "",
        "in_bin": [], "out_txt": text, "out_bin": [],
    }
    if end:
        fields["kind"] = "end"
    fields |= {"prev": prev, "off": off}
    if end:
        fields |= {"exit": 0, "why": "exit", "in_bytes": 0, "out_bytes": 0}
    return json.dumps(fields, separators=(",", ":")).encode()


class Centre:
    def __init__(self, url, authority, folder=None):
        self.place = urllib.parse.urlsplit(url)
        self.context = ssl.create_default_context(cafile=authority)
        if folder and os.path.exists(f"{folder}/host.pem"):
            self.context.load_cert_chain(f"{folder}/host.pem", f"{folder}/host-key.pem")
        self.connection = None

    def request(self, method, path, body=None, headers={}):
        if not self.connection:
            self.connection = http.client.HTTPSConnection(
                self.place.hostname, self.place.port, context=self.context, timeout=30)
        try:
            self.connection.request(method, path, body, headers)
            answer = self.connection.getresponse()
            return answer.status, answer.read()
        except Exception:
            self.connection.close()
            self.connection = None
            raise

    def post(self, body, packed=True):
        headers = {"content-type": "application/x-ndjson"} | ({"content-encoding": "zstd"} if packed else {})
        return self.request("POST", "/v1/messages", body, headers)


def join(url, authority, folder, host, token):
    os.makedirs(folder, exist_ok=True)
    key, csr = f"{folder}/host-key.pem", f"{folder}/host.csr"
    subprocess.run(["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", key], check=True)
    subprocess.run(["openssl", "req", "-new", "-key", key, "-subj", "/CN=x", "-out", csr], check=True)
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", f"{folder}/ledger-key.pem"], check=True)
    public = subprocess.run(["openssl", "pkey", "-in", f"{folder}/ledger-key.pem", "-pubout", "-outform", "DER"],
                            check=True, stdout=subprocess.PIPE).stdout[-32:]
    wanted = {"token": token, "host": host, "csr": open(csr).read(), "ledger_key": base64.b64encode(public).decode()}
    status, body = Centre(url, authority).request("POST", "/v1/enrol", json.dumps(wanted))
    if status == 200:
        with open(f"{folder}/host.pem", "w") as file:
            file.write(json.loads(body)["certificate"])
    print(status, body.decode() if status != 200 else "")


def send(url, authority, folder, host, rec, count, *options):
    centre, count, head = Centre(url, authority, folder), int(count), {"seq": 0, "hash": "", "off": 0}
    size = next((int(option[8:]) for option in options if option.startswith("--batch=")), 7)
    width = next((int(option[8:]) for option in options if option.startswith("--width=")), 0)
    while head["seq"] < count:
        lines, prev, off = [], head["hash"], head["off"]
        for number in range(head["seq"] + 1, min(head["seq"] + size, count) + 1):
            off += 100
            lines.append(line(host, rec, number, prev, off, "--end" in options and number == count, width))
            prev = link(lines[-1])
        try:
            status, body = centre.post(zstd(b"".join(one + b"\n" for one in lines)))
            answers = json.loads(body).get("answers")
        except (OSError, http.client.HTTPException, ValueError):
            status, answers = 0, None
        if answers is None or answers[0]["status"] == "refused":
            if "--patient" not in options:
                sys.exit(f"sender: {status} {body.decode() if status else ''}")
            time.sleep(0.05)
            continue
        head = answers[0]["head"]
        if answers[0]["status"] == "held":
            with open(f"{folder}/acknowledged", "a") as file:
                file.write(f"{rec} {head['seq']} {head['hash']}\n")
    print(json.dumps(head))


def post(url, authority, folder, file, packed="no"):
    status, body = Centre(url, authority, folder).post(open(file, "rb").read(), packed == "zstd")
    print(status, body.decode())


def ledger(url, authority, folder, file, other=None):
    """Signs FILE and sends it; with --other-key by a key that nobody knows."""
    key = f"{folder}/{'host' if other else 'ledger'}-key.pem"
    sign = ["openssl", "pkeyutl", "-sign", "-inkey", key] + ([] if other else ["-rawin", "-in", file])
    signature = subprocess.run(sign, check=True, stdout=subprocess.PIPE, input=None if not other else b"0" * 32).stdout
    body = {"entry": open(file).read(), "signature": base64.b64encode(signature).decode()}
    status, body = Centre(url, authority, folder).request("POST", "/v1/ledger", json.dumps(body))
    print(status, body.decode())


def raw(url, authority, folder, method, path, token=None):
    headers = {"authorization": "Bearer " + token} if token else {}
    status, body = Centre(url, authority, folder).request(method, path, headers=headers)
    print(status, body.decode())


if __name__ == "__main__":
    {"join": join, "send": send, "post": post, "ledger": ledger, "raw": raw}[sys.argv[1]](*sys.argv[2:])
