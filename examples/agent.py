#!/usr/bin/python3
"""A Drumline agent in Python: runs the commands of a workflow's steps with `sh`, one workflow at a time.

    apt-get install python3-websockets
    DRUMLINE_TOKEN=drl_… examples/agent.py http://127.0.0.1:7800 [NAME [KEY=VALUE …]]

docs/agents.md leads through it, and `drumline conformance --listen` tries it. For the sake of shortness it knows no `when`,
no `clone` and no order of steps but the given one, leaves timeouts to the server, and keeps no journal.
"""
import asyncio, itertools, json, os, random, re, secrets, shutil, signal, socket, subprocess, sys, tempfile, time
from websockets.exceptions import InvalidStatusCode, WebSocketException
from websockets.legacy.client import WebSocketClientProtocol, connect

BEGAN, BOOT = (time.monotonic(), time.time()), secrets.token_urlsafe(15)
now = lambda: max(time.monotonic() - BEGAN[0], time.time() - BEGAN[1])  # the larger: the machine may have been suspended
millis = lambda: int(time.time() * 1000)
MOST = 100_000  # lines of a step that wait to be stored; one that writes more has to wait as well


class Socket(WebSocketClientProtocol):
    def data_received(self, data):  # every byte is a sign of life, also those of a ping
        self.heard = time.monotonic()
        super().data_received(data)


class Step:
    """Its state as it is reported, and its lines: kept until they are stored, from line `first` on; sent from `next` on."""

    def __init__(self, spec):
        self.spec, self.seq, self.begun, self.lines, self.first, self.next = spec, 0, time.monotonic(), [], 1, 1
        self.state = {"stepId": spec["id"], "state": "pending", "started": None, "finished": None, "exitCode": None, "error": ""}

    def add(self, line, kind, most):
        while len(line) > most:
            cut = max(at for at in range(most - 3, most + 1) if line[at] & 0xC0 != 0x80)  # never inside a character
            self.add(line[:cut], kind + "+", most)
            line = line[cut:]
        self.lines.append((line + b"\n", int((time.monotonic() - self.begun) * 1000), kind))

    def stored(self, upto, rewind):
        del self.lines[:max(0, upto + 1 - self.first)]
        self.first = max(self.first, upto + 1)
        self.next = self.first if rewind else max(self.next, self.first)

    def slice(self, credit, limits):
        """What fits into one frame and into the credit, and what it costs."""
        text, runs = b"", []
        for line, ms, kind in self.lines[self.next - self.first:][:limits["logFrameRuns"]]:
            size = len(text) + len(line)
            if size > limits["logFrameBytes"] or size + 32 * (len(runs) + 1) > credit:
                break
            text, runs = text + line, [*runs, [1, ms, kind]]
        frame = {"stepId": self.spec["id"], "from": self.next, "text": text.decode(), "runs": runs}
        return frame, len(text) + 32 * len(runs)


class Work:
    """One attempt at a workflow, named by its lease. `hold` says what is left to do: `ours` report all of it, `fenced`
    it was stopped by our own clock, `lines` it has ended but its lines are wanted, `gone` nothing."""

    def __init__(self, offer):
        self.lease, self.ttl, self.renewed, self.spec = offer["lease"], offer["ttlMs"] / 1000, now(), offer["workflow"]
        self.hold, self.phase, self.grace = "ours", "accepting", min(self.spec["graceMs"] / 1000, self.ttl / 3)
        self.steps = {spec["id"]: Step(spec) for spec in self.spec["steps"]}
        self.receipts, self.process, self.stopping, self.canceled = {}, None, False, False

    async def stop(self, grace):
        """SIGTERM, and after the grace SIGKILL, to all that the step has started. No other step starts."""
        self.stopping, self.phase = True, "stopping" if self.phase == "running" else self.phase
        for name, patience in ((signal.SIGTERM, grace), (signal.SIGKILL, 1)):
            if self.process and self.process.returncode is None:
                os.killpg(self.process.pid, name)
                await asyncio.wait([asyncio.ensure_future(self.process.wait())], timeout=patience)


class Agent:
    """One connection after the other, one workflow after the other, and what is owed of it to the server."""

    def __init__(self, url, token, name, labels):
        about = {"version": "1", "platform": "linux/amd64", "backend": "python", "capacity": 1}
        self.url, self.token, self.info = url, token, {"name": name, **about, "labels": labels}
        self.bus, self.work, self.owed, self.wake, self.slot = None, None, [], asyncio.Event(), 0

    def say(self, type, **frame):
        if self.bus:  # else it is void: calls are owed, and orders are repeated
            self.out.append({"type": type, **frame})
            self.wake.set()

    def ask(self, method, params, answer=None):
        self.id, answer = self.id + 1, answer or asyncio.get_running_loop().create_future()
        self.asked[self.id] = (method, params, answer)
        self.say("request", id=self.id, method=method, params=params)
        return answer

    def owe(self, method, **params):
        """What is sent again on every connection, in order, until it is answered or the lease is lost."""
        self.owed.append((method, {"lease": self.work.lease, **params}, asyncio.get_running_loop().create_future()))
        return self.ask(*self.owed[-1]) if self.bus else self.owed[-1][2]

    def answered(self, call, result, error):
        if error and error["retry"] == "later" and call in self.owed:
            again = lambda bus: bus is self.bus and call in self.owed and self.ask(*call)
            return asyncio.get_running_loop().call_later(error.get("retryAfterMs", 1000) / 1000, again, self.bus)
        self.owed = [other for other in self.owed if other[2] is not call[2]]
        if error and error["code"] != "already_done":
            print(f"{call[0]} was refused: {error['message']}", file=sys.stderr)
            call[2].cancel()
            if error["code"] == "stale_lease" and self.work:
                self.lose("gone")
        elif not call[2].done():
            call[2].set_result(result)

    def hear(self, frame):
        kind, work = frame["type"], self.work if self.work and self.work.lease == frame.get("lease") else None
        if kind in ("response", "error"):
            self.answered(self.asked.pop(frame["id"]), frame.get("result"), frame.get("error"))
        elif kind in ("cancel", "revoke"):
            self.order(work, frame)
        elif kind == "stored" and work:
            work.steps[frame["stepId"]].stored(frame["upto"], frame.get("rewind"))
        elif kind == "credit":
            self.credit = frame["limit"]
        elif kind == "bye":
            self.slot = time.monotonic() + frame["afterMs"] / 1000
        self.wake.set()

    def order(self, work, frame):
        """A cancel or a revoke: acted upon once, receipted always. Of what is not known here nothing runs."""
        lease, revision = frame["lease"], frame["revision"]
        reached = work.receipts.get(revision) if work else "stopped"
        self.say("receipt", lease=lease, revision=revision, phase=reached or "received")
        if reached:
            return
        work.receipts[revision] = "received"
        self.receipt("stopped" if work.phase in ("done", "fenced") else "stopping")
        if frame["type"] == "revoke":
            self.lose("gone")
        else:
            work.canceled = True
            asyncio.ensure_future(work.stop(frame["graceMs"] / 1000))

    def receipt(self, phase):
        for revision in self.work.receipts:
            self.work.receipts[revision] = phase
            self.say("receipt", lease=self.work.lease, revision=revision, phase=phase)

    def lose(self, hold):
        """The work is not ours any more: it stops, and is not reported."""
        if self.work.hold == "ours":
            asyncio.ensure_future(self.work.stop(self.work.grace))
        self.work.hold, owed, self.owed = hold, self.owed, []
        for _, _, answer in owed:
            answer.cancel()

    def judge(self, verdict, since):
        """What the server says to a claim that was sent at `since`."""
        if verdict in ("keep", "cancel"):
            self.work.renewed = since
        elif verdict == "done" and self.work.phase == "done":
            for call in self.owed:
                self.answered(call, {}, None)
        else:
            self.lose("lines" if verdict == "logs" else "gone")

    async def serve(self):
        while True:
            try:
                offer = await self.ask("next", {}) if self.bus else None
                if offer:
                    self.work = Work(offer)
                    await self.run(self.work)
            except asyncio.CancelledError:  # refused, or the connection is gone
                pass
            await asyncio.sleep(0.1)

    async def run(self, work):
        started, folder = millis(), tempfile.mkdtemp(prefix="drumline-")
        state = lambda end: {"started": started, "finished": end, "error": "", "canceled": work.canceled}
        try:
            answer = await self.owe("init", state=state(0))
            work.phase, failed = "stopping" if work.stopping else "running", False
            env = {**os.environ, "HOME": folder, **work.spec["environment"], **answer["secrets"]}
            for step in work.steps.values():
                failed = await self.step(work, step, env, failed) or failed
        except asyncio.CancelledError:
            pass
        shutil.rmtree(folder, ignore_errors=True)
        work.phase = "done" if work.hold == "ours" else "fenced"
        self.receipt("stopped")
        if work.hold == "ours":
            steps = [{**step.state, "lines": step.first + len(step.lines) - 1} for step in work.steps.values()]
            await asyncio.wait([self.owe("done", state=state(millis()), steps=steps)])
            work.hold = "lines" if work.hold == "ours" else work.hold
        while work.hold == "fenced" or work.hold == "lines" and any(step.lines for step in work.steps.values()):
            await asyncio.sleep(0.1)
        self.work = None

    async def step(self, work, step, env, failed):
        """Runs one step; answers whether it makes the workflow fail."""
        if work.stopping or failed:
            return self.tell(work, step, state="canceled" if work.canceled else "skipped", finished=millis())
        self.tell(work, step, state="running", started=millis())
        step.begun, command = time.monotonic(), "\n".join(step.spec["commands"])
        work.process = process = await asyncio.create_subprocess_exec(
            "sh", "-ec", command, cwd=env["HOME"], env={**env, **step.spec.get("environment", {})}, start_new_session=True,
            limit=1 << 24, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        async for line in process.stdout:
            step.add(line.rstrip(b"\n").decode(errors="replace").encode(), "out", self.limits["lineBytes"])
            self.wake.set()
            while len(step.lines) > MOST and work.hold != "gone":
                await asyncio.sleep(0.1)
        code = await process.wait()
        code = code if code >= 0 else 128 - code
        word = "canceled" if work.canceled else "failure" if code else "success"
        self.tell(work, step, state=word, finished=millis(), exitCode=code)
        return code != 0 and step.spec.get("failure") != "ignore"

    def tell(self, work, step, **change):
        step.state, step.seq = {**step.state, **change}, step.seq + 1
        if work.hold == "ours":
            self.owe("update", seq=step.seq, step=step.state)

    async def send(self):
        """Says what there is to say, and when all is said, lines as far as the credit goes."""
        while True:
            self.wake.clear()
            frames, self.out = self.out, []
            wanted = self.work and self.work.hold != "gone" and not frames
            for step in self.work.steps.values() if wanted else ():
                frame, cost = step.slice(self.credit - self.spent, self.limits)
                if cost:
                    frames.append({"type": "log", "lease": self.work.lease, **frame})
                    step.next, self.spent = step.next + len(frame["runs"]), self.spent + cost
            for frame in frames:
                await self.bus.send(json.dumps(frame))
            if not frames:
                await self.wake.wait()

    async def extend(self, work):
        since, leases = now(), [{"lease": work.lease, "phase": work.phase}]
        answer = await self.ask("extend", {"leases": leases})
        if work is self.work:
            self.judge(answer["claims"][0]["verdict"], since)

    async def watch(self):
        """Renews the lease, ends the work if it could not be renewed, and gives a silent connection up."""
        last = 0
        while True:
            await asyncio.sleep(0.2)
            work = self.work
            if work and work.hold == "ours" and work.phase in ("running", "stopping"):
                if now() - work.renewed >= work.ttl - work.grace - min(5, work.ttl / 6):
                    self.lose("fenced")
            held = work and (work.phase == "fenced" or work.hold == "ours" and work.phase != "accepting")
            if self.bus and held and now() - last >= min(20, work.ttl / 4):
                last = now()
                asyncio.ensure_future(self.extend(work))
            if self.bus and time.monotonic() - self.bus.heard > self.silence:
                self.bus.transport.abort()

    async def visit(self, dial):
        """One connection, from the dial to its end."""
        header = {"Authorization": f"Bearer {self.token}"}
        async with connect(self.url, subprotocols=["drumline.v1"], extra_headers=header, compression=None,
                           max_size=1 << 20, ping_interval=None, create_protocol=Socket) as bus:
            since, work = now(), self.work if self.work and self.work.hold != "gone" else None
            claim = lambda: {"lease": work.lease, "phase": work.phase, "steps": [
                {"stepId": id, "next": step.first + len(step.lines)} for id, step in work.steps.items()]}
            hello = {"type": "hello", "versions": [1], "features": [], "boot": BOOT, "dial": dial, "agent": self.info}
            await bus.send(json.dumps({**hello, "claims": [claim()] if work else []}))
            welcome, *more = frames_of(await asyncio.wait_for(bus.recv(), 20))
            if welcome["type"] == "bye":
                self.hear(welcome)
            elif welcome["type"] == "welcome":
                self.bus, self.out, self.asked, self.id, self.spent = bus, [], {}, 0, 0
                self.limits, self.credit = welcome["limits"], welcome["credit"]
                self.silence = welcome["heartbeat"]["timeoutMs"] / 1000
                if work:
                    verdict = next((one for one in welcome["claims"] if one["lease"] == work.lease), {"verdict": "lost", "steps": []})
                    for step in verdict["steps"]:
                        work.steps[step["stepId"]].stored(step["upto"], True)
                    self.judge(verdict["verdict"], since)
                for call in list(self.owed):
                    self.ask(*call)
                for frame in more:
                    self.hear(frame)
            sending = asyncio.ensure_future(self.send())
            try:
                async for message in bus:
                    for frame in frames_of(message):
                        self.hear(frame)
            finally:
                sending.cancel()
                self.bus, asked, self.asked = None, self.asked, {}
                for call in asked.values():
                    if call not in self.owed:
                        call[2].cancel()
            return bus.close_code

    async def live(self):
        asyncio.ensure_future(self.watch()), asyncio.ensure_future(self.serve())
        tries = 0
        for dial in itertools.count(1):
            begun, code, self.slot = time.monotonic(), 1006, 0
            try:
                code = await self.visit(dial)
            except InvalidStatusCode as error:
                if error.status_code in (401, 403) and error.headers.get("drumline") == "1":
                    sys.exit("the server refuses this token")
            except (OSError, WebSocketException, asyncio.TimeoutError) as error:
                code = getattr(error, "code", 1006)
            if code == 1000 or code >= 4500 and code not in (4502, 4503):
                sys.exit(f"the server says: stay away ({code})")
            tries = 1 if time.monotonic() - begun > 60 else tries + 1
            wait = random.uniform(0.25, 5.25) if tries == 1 else random.uniform(0, min(20, 2 ** tries))
            wait = random.uniform(300, 600) if code in (4502, 4503) else max(0, self.slot - time.monotonic()) if self.slot else wait
            print(f"no connection ({code}); next try in {wait:.1f} s", file=sys.stderr)
            await asyncio.sleep(wait)


def frames_of(message):
    frames = json.loads(message)
    return frames if isinstance(frames, list) else [frames]


if __name__ == "__main__":
    url, name, *labels = sys.argv[1:] + [socket.gethostname()][len(sys.argv) - 2:]
    bus = url.replace("http", "ws", 1).rstrip("/") + "/bus"
    asyncio.run(Agent(bus, os.environ.pop("DRUMLINE_TOKEN"), name, dict(label.split("=", 1) for label in labels)).live())
