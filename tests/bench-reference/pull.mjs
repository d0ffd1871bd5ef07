// Pulls whole tables page by page into SQLite and prints how long it took.
import axios from 'axios';
import Database from 'better-sqlite3';

const PAGE_ROWS = 500;
const [url, file, ...pairs] = process.argv.slice(2);
if (!url || !file || pairs.length === 0 || pairs.length % 2 !== 0) {
  console.error('usage: node pull.mjs URL FILE TABLE KEY [TABLE KEY …]');
  process.exit(2);
}

const database = new Database(file);
database.pragma('journal_mode = WAL');
const quoted = (name) => `"${name.replaceAll('"', '""')}"`;

async function fetchPage(table, offset) {
  const answer = await axios.get(url, { params: { table, limit: PAGE_ROWS, offset } });
  return answer.data.data;
}

function prepareUpsert(table, key, columns) {
  database.exec(
    `CREATE TABLE IF NOT EXISTS ${quoted(table)} (${columns
      .map((name) => (name === key ? `${quoted(name)} INTEGER PRIMARY KEY` : quoted(name)))
      .join(', ')}, _sync_status TEXT DEFAULT 'synced', _last_synced_at TEXT)`,
  );
  return database.prepare(
    `INSERT INTO ${quoted(table)} (${columns.map(quoted).join(', ')}, _last_synced_at)
     VALUES (${columns.map(() => '?').join(', ')}, CURRENT_TIMESTAMP)
     ON CONFLICT(${quoted(key)}) DO UPDATE SET ${columns
       .filter((name) => name !== key)
       .map((name) => `${quoted(name)} = excluded.${quoted(name)}`)
       .join(', ')}, _last_synced_at = CURRENT_TIMESTAMP`,
  );
}

async function pullTable(table, key) {
  let offset = 0;
  let upsert;
  let columns;
  for (;;) {
    const rows = await fetchPage(table, offset);
    if (rows.length === 0) return offset;
    if (!upsert) {
      columns = Object.keys(rows[0]);
      upsert = prepareUpsert(table, key, columns);
    }
    database.exec('BEGIN');
    for (const row of rows) upsert.run(columns.map((name) => row[name]));
    database.exec('COMMIT');
    offset += rows.length;
  }
}

const begin = process.hrtime.bigint();
let nRows = 0;
for (let i = 0; i < pairs.length; i += 2) nRows += await pullTable(pairs[i], pairs[i + 1]);
const seconds = Number(process.hrtime.bigint() - begin) / 1e9;
console.log(JSON.stringify({ rows: nRows, seconds }));
