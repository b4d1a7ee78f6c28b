"""Fills a stopped server's database with copies of jobs that really ran, under ids and build numbers of their own.

Everything a finished job has in the database is copied: its row, tags, document, events and attempts. It has no log on disk.
Copies lie one second apart, before the oldest real job, and go to the projects in turn.
"""
import random
import sqlite3

from timing import Failed

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def ulid(milliseconds, rng):
    number = (milliseconds << 80) | rng.getrandbits(80)
    return "".join(CROCKFORD[number >> shift & 31] for shift in range(125, -1, -5))


def columns(database, table):
    """Those that hold something of their own; table_info does not tell of those that are computed from others."""
    return [row[1] for row in database.execute(f"PRAGMA table_info({table})")]


class Template:
    """A finished job and its rows, as texts in which the names of its own can be replaced."""

    def __init__(self, database, seq):
        one = lambda table, key: database.execute(f"SELECT {', '.join(columns(database, table))} FROM {table} WHERE {key} = ?", (seq,)).fetchall()
        self.job = one("jobs", "seq")[0]
        self.document = one("job_documents", "job")[0]["document"]
        self.events = one("job_events", "job")
        self.attempts = one("attempts", "job")
        self.tags = [row["tag"] for row in one("job_tags", "job")]


def projects_of(database):
    return database.execute("SELECT id, name, next_build FROM projects ORDER BY name").fetchall()


def insert(database, table, row):
    names = list(row)
    database.execute(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join('?' * len(names))})", [row[name] for name in names])


def add_copy(database, template, project, build, seconds_back, rng):
    shift = -seconds_back * 1000
    job = dict(template.job)
    del job["seq"]
    new_id = ulid(job["submitted_at"] + shift, rng)
    replace = lambda text: (text.replace(job["id"], new_id).replace(job["project_id"], project["id"])
                            .replace(f'"{job["project_name"]}"', f'"{project["name"]}"').replace(f'"build":{job["build"]}', f'"build":{build}'))
    moved = {name: job[name] + shift for name in ("submitted_at", "started_at", "running_at", "ended_at") if job[name] is not None}
    insert(database, "jobs", {**job, **moved, "id": new_id, "project_id": project["id"], "project_name": project["name"], "build": build})
    seq = database.execute("SELECT last_insert_rowid()").fetchone()[0]
    insert(database, "job_documents", {"job": seq, "document": replace(template.document)})
    for event in template.events:
        insert(database, "job_events", {**dict(event), "job": seq, "at": event["at"] + shift, "body": replace(event["body"])})
    for attempt in template.attempts:
        row = {**dict(attempt), "job": seq, "project_id": project["id"]}
        del row["seq"]
        for name in ("started_at", "ended_at"):
            row[name] = row[name] + shift if row[name] is not None else None
        insert(database, "attempts", row)
    for tag in template.tags:
        insert(database, "job_tags", {"tag": tag, "submitted_at": moved["submitted_at"], "job": seq})


def fill(path, wanted):
    """Copies finished jobs until the database has `wanted` of them; returns how many were added."""
    database = sqlite3.connect(path)
    database.row_factory = sqlite3.Row
    try:
        database.execute("PRAGMA foreign_keys = ON")
        have = database.execute("SELECT count(*) FROM jobs").fetchone()[0]
        if have >= wanted:
            return 0
        # Complete, failed and stopped ones, nine to two to one where there are such.
        templates = []
        for state, weight in (("Complete", 9), ("Error", 2), ("Stopped", 1)):
            seqs = [row[0] for row in database.execute("SELECT seq FROM jobs WHERE state = ? AND live = 0 ORDER BY seq LIMIT 20", (state,))]
            found = [Template(database, seq) for seq in seqs]
            templates += [found[i % len(found)] for i in range(weight * 20)] if found else []
        if not templates:
            raise Failed("no job has ended, so there is nothing to copy")
        rng = random.Random(1)
        rng.shuffle(templates)
        projects = projects_of(database)
        builds = {row["id"]: database.execute("SELECT ifnull(max(build), 0) FROM jobs WHERE project_id = ?", (row["id"],)).fetchone()[0] for row in projects}
        with database:
            for i in range(wanted - have):
                project = projects[i % len(projects)]
                builds[project["id"]] += 1
                add_copy(database, templates[i % len(templates)], project, builds[project["id"]], wanted - have - i, rng)
            for project in projects:
                database.execute("UPDATE projects SET next_build = ? WHERE id = ?", (builds[project["id"]] + 1, project["id"]))
            # Whoever saves jobs counts them; those that have ended are counted by a trigger as well. Those of projects
            # that are being deleted are counted nowhere.
            database.execute("DELETE FROM job_counts")
            database.execute("INSERT INTO job_counts (project_id, state, count) SELECT project_id, state, count(*) FROM jobs "
                             "WHERE project_id IN (SELECT id FROM projects) GROUP BY project_id, state")
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        return wanted - have
    finally:
        database.close()
