#!/usr/bin/python3
"""Entry point of the PostgreSQL image: makes the database when the container first starts, then becomes the server.

It honours what the emulator uses of the official image's contract (https://hub.docker.com/_/postgres): POSTGRES_USER,
POSTGRES_PASSWORD, POSTGRES_DB and PGDATA in the environment, and a command line that ends with the server's options.
"""

import os
import pwd
import subprocess
import sys
from pathlib import Path


def become_postgres(data: Path) -> None:
    """Gives up root's rights: PostgreSQL refuses to run with them."""
    account = pwd.getpwnam("postgres")
    data.mkdir(parents=True, exist_ok=True)
    os.chown(data, account.pw_uid, account.pw_gid)
    os.initgroups(account.pw_name, account.pw_gid)
    os.setgid(account.pw_gid)
    os.setuid(account.pw_uid)


def make_database(data: Path, user: str, password: str, name: str) -> None:
    """Makes the files of a server that takes connections from everywhere, by TLS and password, and its database."""
    initdb = ["initdb", f"--pgdata={data}", f"--username={user}", "--pwfile=/dev/stdin", "--no-sync"]
    authentication = ["--auth-local=trust", "--auth-host=scram-sha-256"]
    subprocess.run([*initdb, *authentication], input=password, text=True, check=True)  # noqa: S603  (no shell reads it)
    with (data / "postgresql.conf").open("a") as settings:
        settings.write("listen_addresses = '*'\n")
    with (data / "pg_hba.conf").open("a") as rules:
        # Without TLS nobody is let in, as by RDS with `rds.force_ssl`.
        rules.write("hostssl all all all scram-sha-256\n")
    if name != "postgres":
        quoted = name.replace('"', '""')
        single = ["postgres", "--single", "-D", str(data), "-c", "exit_on_error=on", "postgres"]
        subprocess.run(single, input=f'CREATE DATABASE "{quoted}"\n', text=True, check=True)  # noqa: S603


def main(command: list[str]) -> None:
    """Runs a command of the server's as its account."""
    data = Path(os.environ["PGDATA"])
    password = os.environ.pop("POSTGRES_PASSWORD")
    if os.getuid() == 0:
        become_postgres(data)
    if not (data / "PG_VERSION").exists():
        user = os.environ.get("POSTGRES_USER", "postgres")
        make_database(data, user, password, os.environ.get("POSTGRES_DB", user))
    os.execvp(command[0], command)  # noqa: S606


main(sys.argv[1:])
