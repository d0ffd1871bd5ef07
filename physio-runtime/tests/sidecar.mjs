// What a web view does with the sidecar: fetch and WebSocket, no library. Run with
// `node --experimental-websocket` (Node 22 needs no flag); DOOR_URL and DOOR_TOKEN say where the door is.
import assert from "node:assert/strict";

const { DOOR_URL: url, DOOR_TOKEN: token } = process.env;

async function ask(method, path, body, bearer = token) {
  const answer = await fetch(url + path, {
    method,
    headers: { authorization: `Bearer ${bearer}`, "content-type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  return { status: answer.status, body: await answer.json() };
}

// A socket whose messages can be waited for.
function listen(protocols) {
  const socket = new WebSocket(url.replace("http", "ws") + "/events", protocols);
  const seen = [];
  const waiting = [];
  const opened = new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = () => reject(new Error("the socket was refused"));
  });
  socket.onmessage = ({ data }) => {
    seen.push(JSON.parse(data));
    for (const look of waiting) look();
  };
  const next = (isMeant) =>
    new Promise((resolve) => {
      const look = () => {
        const found = seen.find(isMeant);
        if (found) resolve(found);
      };
      waiting.push(look);
      look();
    });
  return { socket, opened, next };
}

await assert.rejects(listen(["physio.v1"]).opened, "no token");
await assert.rejects(listen(["physio.v1", "physio.token.wrong"]).opened, "a wrong token");
assert.equal((await ask("GET", "/status", undefined, "wrong")).status, 401);

const { socket, opened, next } = listen(["physio.v1", `physio.token.${token}`]);
await opened;
assert.equal(socket.protocol, "physio.v1", "the token is not echoed");
await next((event) => event.event === "ready");
assert.equal((await ask("POST", "/sync")).status, 200);

const written = await ask("POST", "/write", {
  statements: [
    {
      sql: "INSERT INTO branches (branch_name, clinic_name) VALUES (?, ?)",
      params: ["From Node", "C"],
    },
  ],
});
assert.equal(written.status, 200);
const temporary = written.body.last_insert_rowid;
assert.ok(Number.isSafeInteger(temporary), "a temporary key is a number that JavaScript holds");

const local = await next((event) => event.event === "rows" && event.cause === "local");
assert.deepEqual(local.keys, [`["${temporary}"]`]);
assert.equal(local.status, "pending");

const remapped = await next((event) => event.event === "remapped");
assert.equal(remapped.temporary_key, temporary);
await next((event) => event.event === "rows" && event.cause === "push" && event.status === "synced");

const { body } = await ask("POST", "/query", {
  sql: "SELECT branch_id, branch_name, _sync_status FROM branches WHERE branch_id = :id",
  params: { id: Number(remapped.server_key) },
});
assert.deepEqual(body, {
  columns: ["branch_id", "branch_name", "_sync_status"],
  rows: [[Number(remapped.server_key), "From Node", "synced"]],
});

const status = (await ask("GET", "/status")).body;
assert.equal(status.online, true);
assert.equal(status.n_pending, 0);
assert.equal(status.tables.length, 17);
socket.close();
