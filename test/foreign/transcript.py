"""Plays the transcript of docs/protocol.md against a server, in another language than ours.

usage: transcript.py PORT TOKEN DOCUMENT
"""
import asyncio, json, re, secrets, sys
from websockets.exceptions import ConnectionClosed
from websockets.legacy.client import connect

PATIENCE_S = 30


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


async def hear(bus, wanted, unread, names):
    """Waits for a frame. They may come in another order than they are named here, so what was passed over still counts."""
    while (found := next((at for at, frame in enumerate(unread) if fits(wanted, frame, names)), None)) is None:
        message = json.loads(await asyncio.wait_for(bus.recv(), PATIENCE_S))
        for frame in message if isinstance(message, list) else [message]:
            unread.append(frame)
            answers = frame["type"] in ("response", "error") and frame["id"] == wanted.get("id")
            if answers and not fits(wanted, frame, dict(names)):
                raise ValueError("another answer")
    unread.pop(found)


async def play(port, token, lines):
    names, bus, unread = {"boot": secrets.token_urlsafe(15)}, None, []
    about = dict(subprotocols=["drumline.v1"], extra_headers={"Authorization": f"Bearer {token}"}, compression=None)
    for number, line in enumerate(lines, 1):
        try:
            if line == "connect":
                bus, unread = await connect(f"ws://127.0.0.1:{port}/bus", **about), []
            elif line == "cut":
                bus.transport.abort()
            elif line.startswith("> "):
                await bus.send(json.dumps(fill(json.loads(line[2:]), names)))
            else:
                await hear(bus, json.loads(line[2:]), unread, names)
        except (ConnectionClosed, OSError, ValueError, asyncio.TimeoutError) as error:
            sys.exit(f"line {number}: {line}: {error!r}; got {unread}")
    print(json.dumps(names))


if __name__ == "__main__":
    document = open(sys.argv[3], encoding="utf-8").read()
    transcript = re.search(r"```text\n(connect\n.*?)```", document, re.S)[1].splitlines()
    asyncio.run(play(sys.argv[1], sys.argv[2], transcript))
