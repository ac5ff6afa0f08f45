/**
 * Every schema this build has known, oldest first: number n is what brings a database from n − 1 to n. Never edit one
 * that was released; add the next. Booleans are 0 and 1, times milliseconds since 1970, `ord` the store's own counter.
 */
export const MIGRATIONS: readonly string[] = [
  `
CREATE TABLE meta (key TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
INSERT INTO meta VALUES ('counter', 0), ('paused', 0), ('alive', 0);

CREATE TABLE credential (
  id TEXT PRIMARY KEY, role TEXT NOT NULL, name TEXT NOT NULL, labels TEXT NOT NULL, token_hash TEXT NOT NULL UNIQUE,
  created INTEGER NOT NULL, revoked INTEGER, used INTEGER
) STRICT;

CREATE TABLE agent (
  id TEXT PRIMARY KEY, credential_id TEXT NOT NULL, name TEXT NOT NULL, version INTEGER NOT NULL,
  connection INTEGER NOT NULL, boot TEXT NOT NULL, dial INTEGER NOT NULL, online INTEGER NOT NULL,
  schedulable INTEGER NOT NULL DEFAULT 1, draining INTEGER NOT NULL DEFAULT 0, leaving INTEGER NOT NULL DEFAULT 0,
  labels TEXT NOT NULL, capacity INTEGER NOT NULL, platform TEXT NOT NULL, backend TEXT NOT NULL, software TEXT NOT NULL,
  connected INTEGER, seen INTEGER, removed INTEGER
) STRICT;
CREATE UNIQUE INDEX agent_identity ON agent (credential_id, name) WHERE removed IS NULL;
CREATE INDEX agent_name ON agent (name, id) WHERE removed IS NULL;

-- Boots that a later one has replaced: never admitted again.
CREATE TABLE replaced (
  agent_id TEXT NOT NULL REFERENCES agent (id), boot TEXT NOT NULL, PRIMARY KEY (agent_id, boot)
) STRICT, WITHOUT ROWID;

CREATE TABLE workflow (
  ord INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, version INTEGER NOT NULL, name TEXT NOT NULL, state TEXT NOT NULL,
  labels TEXT NOT NULL, priority INTEGER NOT NULL, grp TEXT, grp_limit INTEGER NOT NULL, not_before INTEGER NOT NULL,
  grace_ms INTEGER NOT NULL, max_attempts INTEGER NOT NULL,
  lease TEXT, last_lease TEXT, attempt INTEGER NOT NULL, offers INTEGER NOT NULL, losses INTEGER NOT NULL,
  created INTEGER NOT NULL, started INTEGER, finished INTEGER, error TEXT, lost TEXT,
  revision INTEGER NOT NULL, cancel_reason TEXT, canceled INTEGER, received INTEGER, stopping INTEGER, stopped INTEGER
) STRICT;
CREATE INDEX workflow_state ON workflow (state, ord);
CREATE INDEX workflow_group ON workflow (grp) WHERE grp IS NOT NULL AND state IN ('offered', 'running');

-- Apart from its workflow, so that a change of state does not rewrite it.
CREATE TABLE spec (workflow INTEGER PRIMARY KEY REFERENCES workflow (ord), spec TEXT NOT NULL) STRICT;

CREATE TABLE secret (
  workflow INTEGER NOT NULL REFERENCES workflow (ord), name TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (workflow, name)
) STRICT, WITHOUT ROWID;

-- The parent by its id, and its outcome, since it may be deleted before the child.
CREATE TABLE dependency (
  child INTEGER NOT NULL REFERENCES workflow (ord), parent TEXT NOT NULL, name TEXT NOT NULL, outcome TEXT,
  PRIMARY KEY (child, parent)
) STRICT, WITHOUT ROWID;
CREATE INDEX dependency_parent ON dependency (parent);

CREATE TABLE attempt (
  lease TEXT PRIMARY KEY, workflow INTEGER NOT NULL REFERENCES workflow (ord), number INTEGER NOT NULL,
  agent_id TEXT NOT NULL REFERENCES agent (id), connection INTEGER NOT NULL, boot TEXT NOT NULL,
  state TEXT NOT NULL, how TEXT, ttl_ms INTEGER NOT NULL, deadline INTEGER NOT NULL, due INTEGER, outage INTEGER NOT NULL,
  offered INTEGER NOT NULL, accepted INTEGER, closed INTEGER,
  logs TEXT NOT NULL, gaps INTEGER NOT NULL, progress INTEGER,
  revoke INTEGER NOT NULL, revision INTEGER NOT NULL, reason TEXT
) STRICT, WITHOUT ROWID;
CREATE INDEX attempt_workflow ON attempt (workflow, number);
CREATE INDEX attempt_agent ON attempt (agent_id) WHERE state <> 'closed';
CREATE INDEX attempt_deadline ON attempt (deadline) WHERE state <> 'closed';
CREATE INDEX attempt_due ON attempt (due) WHERE state = 'running';
CREATE INDEX attempt_logs ON attempt (agent_id) WHERE state = 'closed' AND logs = 'open';
CREATE INDEX attempt_idle ON attempt (progress) WHERE state = 'closed' AND logs = 'open';
CREATE INDEX attempt_revoke ON attempt (agent_id) WHERE revoke = 1;

CREATE TABLE step (
  lease TEXT NOT NULL REFERENCES attempt (lease), step_id TEXT NOT NULL, idx INTEGER NOT NULL, name TEXT NOT NULL,
  soft INTEGER NOT NULL, version INTEGER NOT NULL, seq INTEGER NOT NULL, state TEXT NOT NULL,
  started INTEGER, finished INTEGER, exit_code INTEGER, error TEXT NOT NULL, upto INTEGER NOT NULL, expected INTEGER,
  PRIMARY KEY (lease, step_id)
) STRICT, WITHOUT ROWID;

-- One row a chunk, or a gap (then text is null).
CREATE TABLE log (
  ord INTEGER PRIMARY KEY, lease TEXT NOT NULL REFERENCES attempt (lease), step_id TEXT NOT NULL,
  first INTEGER NOT NULL, last INTEGER NOT NULL, text TEXT, runs TEXT, reason TEXT
) STRICT;
CREATE INDEX log_lease ON log (lease, ord);
CREATE INDEX log_gap ON log (lease) WHERE text IS NULL;

CREATE TABLE mutation (
  credential_id TEXT NOT NULL, method TEXT NOT NULL, key TEXT NOT NULL, hash TEXT NOT NULL, result TEXT NOT NULL,
  created INTEGER NOT NULL, PRIMARY KEY (credential_id, method, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX mutation_created ON mutation (created);
`,
  `
-- When it ended by the store's clock, which decides how long it is kept: \`finished\` is the agent's.
ALTER TABLE workflow ADD COLUMN ended INTEGER;
UPDATE workflow SET ended = finished WHERE state IN ('success', 'failure', 'canceled', 'skipped', 'error');
CREATE INDEX workflow_ended ON workflow (ended) WHERE ended IS NOT NULL;

-- The agent comes back as itself; and since when it has been offline, time without a server not counted.
ALTER TABLE agent ADD COLUMN durable INTEGER NOT NULL DEFAULT 1;
ALTER TABLE agent ADD COLUMN away INTEGER;
UPDATE agent SET away = seen WHERE online = 0;
CREATE INDEX agent_away ON agent (away) WHERE removed IS NULL AND durable = 0 AND online = 0;
CREATE INDEX attempt_of ON attempt (agent_id);

-- The key of a workflow's secrets, whose values are stored enciphered.
CREATE TABLE secret_key (workflow INTEGER PRIMARY KEY REFERENCES workflow (ord), key TEXT NOT NULL) STRICT;

-- What a dependency counts as that was deleted before it was named.
CREATE TABLE gone (id TEXT PRIMARY KEY, name TEXT NOT NULL, state TEXT NOT NULL, since INTEGER NOT NULL) STRICT, WITHOUT ROWID;
CREATE INDEX gone_since ON gone (since);

-- Lines outlive their attempt: a workflow goes at once, a large log in pieces.
DROP INDEX log_lease;
DROP INDEX log_gap;
ALTER TABLE log RENAME TO log_before;
CREATE TABLE log (
  ord INTEGER PRIMARY KEY, lease TEXT NOT NULL, step_id TEXT NOT NULL,
  first INTEGER NOT NULL, last INTEGER NOT NULL, text TEXT, runs TEXT, reason TEXT
) STRICT;
INSERT INTO log SELECT ord, lease, step_id, first, last, text, runs, reason FROM log_before;
DROP TABLE log_before;
CREATE INDEX log_lease ON log (lease, ord);
CREATE INDEX log_gap ON log (lease) WHERE text IS NULL;
CREATE TABLE dropped (lease TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;

-- Written and erased to find out whether a full disk has room again.
CREATE TABLE room (id INTEGER PRIMARY KEY, bytes TEXT NOT NULL) STRICT;
`,
  `
-- Since when it is in line: an offer that nobody took up does not begin the wait anew.
ALTER TABLE workflow ADD COLUMN queued INTEGER;
UPDATE workflow SET queued = created WHERE state IN ('pending', 'offered');
`,
  `
-- When another process of its name and credential was last turned away.
ALTER TABLE agent ADD COLUMN conflict INTEGER;
`,
  `
-- Its agent was killed: what its steps printed last is known to nobody.
ALTER TABLE attempt ADD COLUMN cut INTEGER NOT NULL DEFAULT 0;
`,
  `
-- When its end was heard of, by the store's clock: \`finished\` is the agent's.
ALTER TABLE step ADD COLUMN ended INTEGER;
`,
  `
-- How often it pings, if something on the way cuts its connection when nothing passes.
ALTER TABLE agent ADD COLUMN keepalive INTEGER;
`,
  `
-- A credential has one token, and two while the older one is being replaced. \`enrolled\`: the credential that was made with it.
ALTER TABLE credential RENAME TO credential_before;
CREATE TABLE credential (
  id TEXT PRIMARY KEY, role TEXT NOT NULL, name TEXT NOT NULL, labels TEXT NOT NULL,
  created INTEGER NOT NULL, revoked INTEGER, enrolled TEXT
) STRICT;
INSERT INTO credential SELECT id, role, name, labels, created, revoked, NULL FROM credential_before;
CREATE INDEX credential_order ON credential (created, id);
CREATE INDEX credential_name ON credential (role, name);

-- \`expires\`: no longer good from then on. \`ended\`: when that was noticed, or when its credential was revoked.
CREATE TABLE token (
  id INTEGER PRIMARY KEY, credential_id TEXT NOT NULL REFERENCES credential (id), hash TEXT NOT NULL UNIQUE,
  created INTEGER NOT NULL, expires INTEGER, ended INTEGER, used INTEGER
) STRICT;
INSERT INTO token (credential_id, hash, created, ended, used)
  SELECT id, token_hash, created, revoked, used FROM credential_before ORDER BY created, id;
CREATE INDEX token_credential ON token (credential_id);
CREATE INDEX token_due ON token (expires) WHERE expires IS NOT NULL AND ended IS NULL;
DROP TABLE credential_before;

-- Who did what, or tried to. \`times\`: one row for a refusal that came again and again, until \`until\`.
CREATE TABLE audit (
  ord INTEGER PRIMARY KEY, at INTEGER NOT NULL, credential_id TEXT, name TEXT NOT NULL, role TEXT NOT NULL,
  address TEXT NOT NULL, action TEXT NOT NULL, subjects TEXT NOT NULL, outcome TEXT NOT NULL,
  times INTEGER NOT NULL, until INTEGER
) STRICT;
CREATE INDEX audit_at ON audit (at);
CREATE INDEX audit_credential ON audit (credential_id, at);
CREATE INDEX audit_action ON audit (action, at);
`,
  `
-- Pages that are logged in. Cookie, code and ticket are known by their hashes.
CREATE TABLE login (
  id TEXT PRIMARY KEY, hash TEXT NOT NULL UNIQUE, credential_id TEXT NOT NULL REFERENCES credential (id),
  created INTEGER NOT NULL, used INTEGER NOT NULL, expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX login_credential ON login (credential_id);
CREATE INDEX login_expires ON login (expires);
CREATE TABLE login_code (
  hash TEXT PRIMARY KEY, credential_id TEXT NOT NULL REFERENCES credential (id), expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE ticket (
  hash TEXT PRIMARY KEY, login TEXT NOT NULL REFERENCES login (id) ON DELETE CASCADE, expires INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX ticket_login ON ticket (login);
`,
  `
-- The labels of every workflow: who sees only what carries one finds it without reading the rest.
CREATE TABLE label (
  key TEXT NOT NULL, value TEXT NOT NULL, workflow INTEGER NOT NULL, PRIMARY KEY (key, value, workflow)
) STRICT, WITHOUT ROWID;
INSERT INTO label SELECT l.key, l.value, w.ord FROM workflow w, json_each(w.labels) l;
-- What was deleted may be named by those alone who could see it.
ALTER TABLE gone ADD COLUMN labels TEXT NOT NULL DEFAULT '{}';
`,
  `
-- A line of a step is found without reading those before it.
CREATE INDEX log_line ON log (lease, step_id, last);
`,
  `
-- Where its latest connection comes from, and how long a ping and its answer took on it.
ALTER TABLE agent ADD COLUMN address TEXT;
ALTER TABLE agent ADD COLUMN round_trip INTEGER;
`,
]
