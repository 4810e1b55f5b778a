import { codeOf } from './remote.js'

/** Each runs once, in this order; what has been released is never changed again. */
const MIGRATIONS: readonly ((prefix: string) => string)[] = [
  (prefix) => `
    CREATE TABLE ${prefix}records (
      model text NOT NULL,
      key text COLLATE "C" NOT NULL,
      payload text NOT NULL,
      grant_id text,
      uid text,
      user_code text,
      pointer text,
      consumed double precision,
      expires_at double precision,
      PRIMARY KEY (model, key)
    );
    CREATE INDEX ${prefix}records_grant_id ON ${prefix}records (grant_id) WHERE grant_id IS NOT NULL;
    CREATE INDEX ${prefix}records_uid ON ${prefix}records (uid) WHERE uid IS NOT NULL;
    CREATE INDEX ${prefix}records_user_code ON ${prefix}records (user_code) WHERE user_code IS NOT NULL;
    CREATE INDEX ${prefix}records_expires_at ON ${prefix}records (expires_at) WHERE expires_at IS NOT NULL;

    CREATE TABLE ${prefix}once (
      key text COLLATE "C" PRIMARY KEY,
      expires_at double precision NOT NULL
    );
    CREATE INDEX ${prefix}once_expires_at ON ${prefix}once (expires_at);

    CREATE TABLE ${prefix}journal (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      at double precision NOT NULL,
      interaction text,
      client text,
      outcome text NOT NULL,
      rules text[] NOT NULL,
      -- Text, not jsonb: that cannot hold every string a verdict can.
      verdict text NOT NULL
    );
    CREATE INDEX ${prefix}journal_at ON ${prefix}journal (at);
    CREATE INDEX ${prefix}journal_interaction ON ${prefix}journal (interaction) WHERE interaction IS NOT NULL;
    CREATE INDEX ${prefix}journal_client ON ${prefix}journal (client, id);
    CREATE INDEX ${prefix}journal_rules ON ${prefix}journal USING gin (rules);`,
  // What a search looks into. A verdict that an earlier version keeps has none.
  (prefix) => `ALTER TABLE ${prefix}journal ADD COLUMN texts text COLLATE "C";`,
]

/** Asks one statement of a database, and rejects with what the client throws. */
export type Ask = (text: string, ...values: readonly (string | number | undefined)[]) => Promise<readonly Cells[]>
export type Cells = Readonly<Record<string, unknown>>

/** Creates what tables are missing, once however many ask for it, and asks for no right to when none is. */
export async function bringUpToDate(ask: Ask, prefix: string): Promise<void> {
  if ((await versionOf(ask, prefix)) < MIGRATIONS.length) await ask(migration(prefix))
}

async function versionOf(ask: Ask, prefix: string): Promise<number> {
  try {
    const [row] = await ask(`SELECT max(version) AS version FROM ${prefix}migrations`)
    return Number(row?.version)
  } catch (cause) {
    if (codeOf(cause) === UNDEFINED_TABLE) return 0
    throw cause
  }
}

const UNDEFINED_TABLE = '42P01'

/** All in one statement and so all or nothing. Whoever comes at the same time waits at the lock, and then finds everything done. */
const migration = (prefix: string) => `
  DO $migration$ BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('express-fapi ${prefix}', 0));
    CREATE TABLE IF NOT EXISTS ${prefix}migrations (version integer PRIMARY KEY, migrated_at timestamptz NOT NULL DEFAULT now());
    ${MIGRATIONS.map((migrate, index) => step(prefix, index + 1, migrate(prefix))).join('')}
  END $migration$`

const step = (prefix: string, version: number, statements: string) => `
    IF NOT EXISTS (SELECT FROM ${prefix}migrations WHERE version = ${version}) THEN
      ${statements}
      INSERT INTO ${prefix}migrations (version) VALUES (${version});
    END IF;`
