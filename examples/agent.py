#!/usr/bin/python3
"""A Drumline agent in Python: runs the commands of a workflow's steps with `sh`, one workflow at a time.

    apt-get install python3-websockets
    DRUMLINE_TOKEN=drl_… examples/agent.py http://127.0.0.1:7800 [NAME [KEY=VALUE …]]

docs/agents.md leads through it, and `drumline conformance --listen` tries it. For the sake of shortness it knows no `when`,
no `clone` and no order of steps but the given one, leaves timeouts to the server, and keeps no journal.
"""
import asyncio, itertools, json, os, random, secrets, signal, socket, subprocess, sys, tempfile, time
from websockets.exceptions import InvalidStatusCode, WebSocketException
from websockets.legacy.client import WebSocketClientProtocol, connect

now = lambda: time.clock_gettime(time.CLOCK_BOOTTIME)  # goes on while the machine is suspended
millis = lambda: int(time.time() * 1000)
promise = lambda: asyncio.get_running_loop().create_future()

class Socket(WebSocketClientProtocol):
    def data_received(self, data):  # every byte is a sign of life, also those of a ping
        self.heard = now()
        super().data_received(data)

class Step:
    """What is reported of a step, and its lines: kept from `first` on, until they are stored; sent from `next` on."""
    def __init__(self, spec):
        self.spec, self.seq, self.begun, self.lines, self.first, self.next = spec, 0, now(), [], 1, 1
        self.state = dict(stepId=spec["id"], state="pending", started=None, finished=None, exitCode=None, error="")

    def add(self, line, kind, most):
        while len(line) > most:
            cut = max(at for at in range(most - 3, most + 1) if line[at] & 0xC0 != 0x80)  # never inside a character
            self.add(line[:cut], kind + "+", most)
            line = line[cut:]
        self.lines.append((line + b"\n", int((now() - self.begun) * 1000), kind))
    def stored(self, upto, rewind):
        del self.lines[: max(0, upto + 1 - self.first)]
        self.first = max(self.first, upto + 1)
        self.next = self.first if rewind else max(self.next, self.first)
    def frame(self, credit, limits):  # what fits into a frame and into the credit, and what it costs
        text, runs = b"", []
        for line, ms, kind in self.lines[self.next - self.first :][: limits["logFrameRuns"]]:
            if len(text + line) > min(limits["logFrameBytes"], credit - 32 * len(runs) - 32):
                break
            text, runs = text + line, [*runs, [1, ms, kind]]
        return {"from": self.next, "text": text.decode(), "runs": runs}, len(text) + 32 * len(runs)

class Work:
    """An attempt at a workflow, named by its lease. What is left of it says `hold`: `ours` report it all, `fenced` our own
    clock has stopped it, `lines` only its lines are wanted, `gone` nothing."""
    def __init__(self, offer):
        self.lease, self.ttl, self.spec, self.renewed = offer["lease"], offer["ttlMs"] / 1000, offer["workflow"], now()
        self.hold, self.phase, self.grace = "ours", "accepting", min(self.spec["graceMs"] / 1000, self.ttl / 3)
        self.steps = {spec["id"]: Step(spec) for spec in self.spec["steps"]}
        self.receipts, self.process, self.stopping, self.canceled = {}, None, False, False
    async def stop(self, grace):  # SIGTERM, and after the grace SIGKILL, to all that the step has started
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
        self.bus = self.out = self.work = self.sending = None  # `out`: what is to be said, once there is a welcome
        self.boot, self.owed, self.asked, self.wake = secrets.token_urlsafe(15), [], {}, asyncio.Event()

    def say(self, type, **frame):
        if self.out is not None:  # else it is void: calls are owed, and orders are repeated
            self.out.append({"type": type, **frame})
            self.wake.set()
    def ask(self, method, params, answer=None):
        self.id, answer = self.id + 1, answer or promise()
        self.asked[self.id] = (method, params, answer)
        self.say("request", id=self.id, method=method, params=params)
        return answer
    def owe(self, method, **params):  # sent again on every connection, in order, until it is answered or the lease is lost
        self.owed.append((method, {"lease": self.work.lease, **params}, promise()))
        return self.owed[-1][2] if self.out is None else self.ask(*self.owed[-1])
    def answered(self, call, result, error=None):
        if error and error["retry"] == "later" and call in self.owed:
            again = lambda bus: bus is self.bus and call in self.owed and self.ask(*call)
            return asyncio.get_running_loop().call_later(error.get("retryAfterMs", 1000) / 1000, again, self.bus)
        self.owed = [other for other in self.owed if other != call]
        if not error or error["code"] == "already_done":
            return call[2].done() or call[2].set_result(result)
        call[2].cancel()
        if error["code"] == "stale_lease" and self.work:
            self.lose("gone")
    def hear(self, frame):
        kind, work = frame["type"], self.work if self.work and self.work.lease == frame.get("lease") else None
        if kind == "welcome":
            self.welcomed(frame)
        elif kind in ("response", "error"):
            self.answered(self.asked.pop(frame["id"]), frame.get("result"), frame.get("error"))
        elif kind in ("cancel", "revoke"):
            self.ordered(work, frame)
        elif kind == "stored" and work:
            work.steps[frame["stepId"]].stored(frame["upto"], frame.get("rewind"))
        elif kind == "credit":
            self.credit = frame["limit"]
        elif kind == "bye":
            self.slot = now() + frame["afterMs"] / 1000
        self.wake.set()
    def welcomed(self, frame):
        self.out, self.id, self.spent, self.credit, self.limits = [], 0, 0, frame["credit"], frame["limits"]
        self.silence, said = frame["heartbeat"]["timeoutMs"] / 1000, {claim["lease"]: claim for claim in frame["claims"]}
        [self.judge(said.get(claim["lease"], {"verdict": "lost"}), self.greeted) for claim in self.claims]
        [self.ask(*call) for call in self.owed]
    def judge(self, claim, since):  # what the server says to a claim that was sent at `since`
        for step in claim.get("steps", []):
            self.work.steps[step["stepId"]].stored(step["upto"], True)
        if claim["verdict"] in ("keep", "cancel"):
            self.work.renewed = since
        elif claim["verdict"] == "done" and self.work.phase == "done":
            [self.answered(call, {}) for call in self.owed]
        else:
            self.lose("lines" if claim["verdict"] == "logs" else "gone")
    def lose(self, hold):  # the work is not ours any more: it stops, and is not reported
        if self.work.hold == "ours":
            asyncio.ensure_future(self.work.stop(self.work.grace))
        self.work.hold, owed, self.owed = hold, self.owed, []
        [answer.cancel() for *_, answer in owed]
    def ordered(self, work, frame):  # acted upon once, receipted always; of what is not known here nothing runs
        known = work.receipts.get(frame["revision"]) if work else "stopped"
        self.say("receipt", lease=frame["lease"], revision=frame["revision"], phase=known or "received")
        if not known:
            work.receipts[frame["revision"]], work.canceled = "received", work.canceled or frame["type"] == "cancel"
            asyncio.ensure_future(work.stop(frame.get("graceMs", 1000 * work.grace) / 1000))
            self.receipt("stopped" if work.phase in ("done", "fenced") else "stopping")
            if frame["type"] == "revoke":
                self.lose("gone")
    def receipt(self, phase):
        for revision in self.work.receipts:
            self.work.receipts[revision] = phase
            self.say("receipt", lease=self.work.lease, revision=revision, phase=phase)

    async def serve(self):
        while await asyncio.sleep(0.1, True):
            offer = self.ask("next", {}) if self.out is not None else None
            if offer and await asyncio.wait([offer]) and not offer.cancelled():
                self.work = Work(offer.result())
                await self.run(self.work)
                self.work = None

    async def run(self, work):
        state = lambda started, finished: dict(started=started, finished=finished, error="", canceled=work.canceled)
        started, failed, accepted = millis(), False, self.owe("init", state=state(millis(), 0))
        await asyncio.wait([accepted])
        with tempfile.TemporaryDirectory() as folder:
            for step in work.steps.values() if not accepted.cancelled() else ():
                work.phase = "stopping" if work.stopping else "running"
                env = {**os.environ, "HOME": folder, **work.spec["environment"], **accepted.result()["secrets"]}
                failed = await self.step(work, step, env, failed) or failed
        work.phase = "done" if work.hold == "ours" else "fenced"
        self.receipt("stopped")
        if work.hold == "ours":
            steps = [{**step.state, "lines": step.first + len(step.lines) - 1} for step in work.steps.values()]
            await asyncio.wait([self.owe("done", state=state(started, millis()), steps=steps)])
            work.hold = "lines" if work.hold == "ours" else work.hold  # nothing but its lines is owed any more
        while work.hold == "fenced" or work.hold != "gone" and any(step.lines for step in work.steps.values()):
            await asyncio.sleep(0.1)
    async def step(self, work, step, env, failed):  # answers whether the workflow fails by it
        def tell(**change):
            step.state, step.seq = {**step.state, **change}, step.seq + 1
            work.hold == "ours" and self.owe("update", seq=step.seq, step=step.state)
        if work.stopping or failed:
            return tell(state="canceled" if work.canceled else "skipped", finished=millis())
        tell(state="running", started=millis())
        step.begun, command = now(), "\n".join(step.spec["commands"])
        work.process = process = await asyncio.create_subprocess_exec(
            "sh", "-ec", command, cwd=env["HOME"], env={**env, **step.spec.get("environment", {})}, start_new_session=True,
            limit=1 << 24, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        async for line in process.stdout:
            step.add(line.rstrip(b"\n").decode(errors="replace").encode(), "out", self.limits["lineBytes"])
            self.wake.set()
            while len(step.lines) > 50_000 and work.hold != "gone":  # who writes faster than is stored has to wait
                await asyncio.sleep(0.1)
        code = await process.wait()
        code = code if code >= 0 else 128 - code
        tell(state="canceled" if work.canceled else "failure" if code else "success", finished=millis(), exitCode=code)
        return code != 0 and step.spec.get("failure") != "ignore"
    async def send(self):  # what there is to say, and when all is said, lines as far as the credit goes
        while True:
            self.wake.clear()
            frames, self.out = self.out or [], self.out and []
            wanted = self.out is not None and not frames and self.work and self.work.hold != "gone"
            for id, step in self.work.steps.items() if wanted else ():
                frame, cost = step.frame(self.credit - self.spent, self.limits)
                if cost:
                    frames.append({"type": "log", "lease": self.work.lease, "stepId": id, **frame})
                    step.next, self.spent = step.next + len(frame["runs"]), self.spent + cost
            [await self.bus.send(json.dumps(frame)) for frame in frames]
            await asyncio.sleep(0) if frames else await self.wake.wait()
    async def watch(self):  # renews the lease, ends work that could not be renewed, gives a silent connection up
        last, extended = 0, lambda work, since: lambda done: (
            done.cancelled() or work is not self.work or work.phase == "done" or self.judge(done.result()["claims"][0], since))
        while await asyncio.sleep(0.2, True):
            work = self.work
            if work and work.hold == "ours" and work.phase in ("running", "stopping"):
                if now() - work.renewed >= work.ttl - work.grace - min(5, work.ttl / 6):
                    self.lose("fenced")
            held = work and (work.phase == "fenced" or work.hold == "ours" and work.phase != "accepting")
            if self.out is not None and held and now() - last >= min(20, work.ttl / 4):
                last = now()
                asked = self.ask("extend", {"leases": [{"lease": work.lease, "phase": work.phase}]})
                asked.add_done_callback(extended(work, last))
            if self.bus and now() - self.bus.heard > self.silence:
                self.bus.transport.abort()

    async def visit(self, dial):  # one connection, from the dial to its end; answers its close code
        headers, work = {"Authorization": f"Bearer {self.token}"}, self.work
        async with connect(self.url, subprotocols=["drumline.v1"], extra_headers=headers, compression=None,
                           max_size=1 << 20, ping_interval=None, create_protocol=Socket) as self.bus:
            steps = [{"stepId": id, "next": step.first + len(step.lines)} for id, step in work.steps.items()] if work else []
            self.claims = [{"lease": work.lease, "phase": work.phase, "steps": steps}] if work and work.hold != "gone" else []
            self.greeted, self.silence, self.sending = now(), 20, asyncio.ensure_future(self.send())
            hello = {"type": "hello", "versions": [1], "features": [], "boot": self.boot, "dial": dial}
            await self.bus.send(json.dumps({**hello, "agent": self.info, "claims": self.claims}))
            async for message in self.bus:
                [self.hear(frame) for frame in json.loads(message if message[0] == "[" else f"[{message}]")]
        return self.bus.close_code
    async def live(self):
        tries, _ = 0, (asyncio.ensure_future(self.watch()), asyncio.ensure_future(self.serve()))
        for dial in itertools.count(1):
            begun, code, self.slot = now(), 1006, None
            try:
                code = await self.visit(dial)
            except InvalidStatusCode as error:  # 401 or 403 of Drumline itself, not of something in between
                code = 4500 if error.status_code in (401, 403) and error.headers.get("drumline") == "1" else code
            except (OSError, WebSocketException, asyncio.TimeoutError) as error:
                code = getattr(error, "code", code)
            self.sending and self.sending.cancel()
            self.bus, self.out, asked, self.asked = None, None, self.asked, {}
            [call[2].cancel() for call in asked.values() if call not in self.owed]
            if code == 1000 or code >= 4500 and code not in (4502, 4503):
                self.work and await self.work.stop(self.work.grace)
                sys.exit(f"the server says: stay away ({code})")
            tries = 1 if now() - begun > 60 else tries + 1
            wait = random.uniform(0.25, 5.25) if tries == 1 else random.uniform(0, min(20, 2**tries))
            wait = max(0, self.slot - now()) if self.slot else random.uniform(300, 600) if code in (4502, 4503) else wait
            await asyncio.sleep(wait)

if __name__ == "__main__":
    url, name, *labels = (sys.argv[1:] + [socket.gethostname()])[: max(2, len(sys.argv) - 1)]
    agent = (url.replace("http", "ws", 1).rstrip("/") + "/bus", os.environ.pop("DRUMLINE_TOKEN"), name)
    asyncio.run(Agent(*agent, dict(label.split("=", 1) for label in labels)).live())
