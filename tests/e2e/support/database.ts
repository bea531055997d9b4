import { databaseContainer, docker, environmentOf } from "./containers";

/** The database of the local stack, from within its container. */
async function sql(statement: string): Promise<string> {
  const psql = ["psql", "--username=student_helper", "--dbname=student_helper", "--no-align", "--tuples-only"];
  return docker("exec", await databaseContainer(), ...psql, "--command", statement);
}

/** The rows of a query. */
export async function rows<Row>(query: string): Promise<readonly Row[]> {
  return JSON.parse(await sql(`select coalesce(json_agg(found), '[]') from (${query}) as found`)) as Row[];
}

/**
 * Makes an item so many hours older than it is.
 *
 * @param status unset: the one that it has.
 */
export async function makeOlder(itemId: string, hours: number, status?: string): Promise<void> {
  const times = ["created_at", "updated_at"].map((column) => `${column} = ${column} - interval '${hours} hours'`);
  const changes = [...times, ...(status === undefined ? [] : [`status = '${status}'`])];
  await sql(`update items set ${changes.join(", ")} where item_id = '${itemId}'`);
}

/** Ends the connections of all functions, as a failing network would. Tells how many there were. */
export async function cutConnections(): Promise<number> {
  const cut = await rows(
    "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'student-helper'",
  );
  return cut.length;
}

/** Ends the database at once, whatever it does, starts it again and waits until it has recovered. */
export async function crashDatabase(): Promise<void> {
  const container = await databaseContainer();
  await docker("kill", container);
  await docker("start", container);
  await untilAnswering();
}

/**
 * Restarts the database with another number of connections.
 *
 * @param count unset: as many as it had before.
 */
export async function limitConnections(count: number | undefined): Promise<void> {
  const container = await databaseContainer();
  const { PGDATA } = await environmentOf(container);
  // Not by SQL: that takes a connection, which may not be had.
  const file = `${PGDATA}/postgresql.auto.conf`;
  await docker("exec", container, "sed", "--in-place", "/^max_connections/d", file);
  if (count !== undefined) {
    await docker("exec", container, "sed", "--in-place", `$ a max_connections = ${count}`, file);
  }
  await docker("restart", "--time", "1", container);
  await untilAnswering();
}

/** How many connections the functions have to the database. */
export async function openConnections(): Promise<number> {
  const [{ open }] = (await rows<{ open: number }>(
    "select count(*) as open from pg_stat_activity where application_name = 'student-helper'",
  )) as [{ open: number }];
  return open;
}

async function untilAnswering(): Promise<void> {
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline) {
    const answers = await sql("select 1").then(
      () => true,
      () => false,
    );
    if (answers) return;
  }
  throw new Error("the database does not answer after 60 s");
}
