"""A foreign agent: plays the transcript of docs/protocol.md against a server, with nothing but Python's own library.

usage: agent.py PORT TOKEN DOCUMENT
"""
import base64, json, os, re, socket, struct, sys, time

TIMEOUT_S = 20


class Bus:
    """One WebSocket, spoken raw."""

    def __init__(self, port, token):
        self.socket = socket.create_connection(("127.0.0.1", port), TIMEOUT_S)
        key = base64.b64encode(os.urandom(16)).decode()
        self.socket.sendall((
            "GET /bus HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: drumline.v1\r\n"
            f"Authorization: Bearer {token}\r\n\r\n").encode())
        self.bytes = self.socket.makefile("rb")
        status = self.bytes.readline().decode()
        while self.bytes.readline().strip():
            pass
        if " 101 " not in status:
            raise SystemExit(f"refused: {status.strip()}")
        self.frames = []

    def send(self, value):
        self.write(0x1, json.dumps(value).encode())

    def write(self, opcode, data):
        head = bytes([0x80 | opcode])
        if len(data) < 126:
            head += bytes([0x80 | len(data)])
        else:
            head += bytes([0x80 | 126]) + struct.pack(">H", len(data))
        mask = os.urandom(4)
        self.socket.sendall(head + mask + bytes(b ^ mask[i % 4] for i, b in enumerate(data)))

    def receive(self):
        """The next frame of the bus; answers pings on the way."""
        while not self.frames:
            first, second = self.bytes.read(2)
            size = second & 0x7F
            if size >= 126:
                size = int.from_bytes(self.bytes.read(2 if size == 126 else 8), "big")
            data = self.bytes.read(size)
            if first & 0xF == 0x9:
                self.write(0xA, data)
            elif first & 0xF == 0x8:
                raise SystemExit(f"closed: {int.from_bytes(data[:2], 'big')} {data[2:].decode()}")
            elif first & 0xF == 0x1:
                value = json.loads(data)
                self.frames += value if isinstance(value, list) else [value]
        return self.frames.pop(0)

    def cut(self):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()


def fill(value, names):
    """Puts in what the names stand for."""
    return json.loads(re.sub(r"\$(\w+)", lambda match: names[match[1]], json.dumps(value)))


def fits(wanted, got, names):
    """Whether `got` has at least what is wanted; keeps what stands where a new `$name` is."""
    if isinstance(wanted, str) and wanted.startswith("$"):
        return names.setdefault(wanted[1:], got) == got
    if isinstance(wanted, dict):
        return isinstance(got, dict) and all(key in got and fits(wanted[key], got[key], names) for key in wanted)
    if isinstance(wanted, list):
        return isinstance(got, list) and len(wanted) == len(got) and all(map(lambda w, g: fits(w, g, names), wanted, got))
    return wanted == got


def play(port, token, lines):
    names = {"boot": base64.urlsafe_b64encode(os.urandom(15)).decode()}
    bus, unread = None, []
    for number, line in enumerate(lines, 1):
        if line == "connect":
            bus, unread = Bus(port, token), []
        elif line == "cut":
            bus.cut()
        elif line.startswith("> "):
            bus.send(fill(json.loads(line[2:]), names))
        else:
            wanted, until = json.loads(line[2:]), time.monotonic() + TIMEOUT_S
            # Frames may come in another order than they are named here, so what was passed over still counts.
            while (found := next((at for at, frame in enumerate(unread) if fits(wanted, frame, names)), None)) is None:
                try:
                    unread.append(bus.receive())
                except (OSError, ValueError) as error:
                    raise SystemExit(f"line {number}: waited for {line[2:]}, {error}; got {unread}")
                got = unread[-1]
                is_answer = got["type"] in ("response", "error") and got["id"] == wanted.get("id")
                if time.monotonic() > until or is_answer and not fits(wanted, got, dict(names)):
                    raise SystemExit(f"line {number}: wanted {line[2:]}, got {unread}")
            unread.pop(found)
    print(json.dumps(names))


if __name__ == "__main__":
    document = open(sys.argv[3], encoding="utf-8").read()
    transcript = re.search(r"```text\n(connect\n.*?)```", document, re.S)[1].splitlines()
    play(int(sys.argv[1]), sys.argv[2], transcript)
