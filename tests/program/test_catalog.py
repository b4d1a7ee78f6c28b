"""Catalogs of project templates: those of the program run to success, and one in a git repository that moves, breaks and is down."""
import json
import shutil

import pytest

from conftest import Failed, until
from git_servers import HttpGit, git, make_repository

# Every template of the program, with a task of it that is to succeed and a property that its job then has.
BUILT_IN = {
    "digits": ("workflow", "accuracy"),
    "distributed-training": ("workflow", "accuracy"),
    "tabular-regression": ("workflow", "jobs"),
    "text-classification": ("workflow", "accuracy"),
}


@pytest.mark.parametrize("template", BUILT_IN)
def test_a_built_in_template_is_installed_and_its_tasks_and_form_succeed(server, template):
    task, property_ = BUILT_IN[template]
    server.cli("catalog", "install", template, "--name", "mine")
    job = server.wait(server.submit("mine", task), seconds=400)
    assert job["state"] == "Complete", server.log_of(job, "tasks-0")
    assert property_ in job["properties"]
    assert len(server.request("GET", "/jobs?project=mine")["items"]) > 3
    # With its defaults, as somebody does who only presses Build.
    filled = server.wait(server.request("POST", "/projects/mine/form/jobs", {}), seconds=400)
    assert filled["state"] == "Complete", server.log_of(filled, "worker-0")
    # Programs report their values as they learn.
    assert "loss=" in server.log_of(filled, "worker-0")


def test_the_catalog_knows_every_template_that_is_tested_here(server):
    listed = server.request("GET", "/catalog")
    assert {item["name"] for item in listed["items"]} == set(BUILT_IN)
    assert all(item["sound"] for item in listed["items"])


def test_values_of_the_wizard_reach_the_project(server):
    server.cli("catalog", "install", "distributed-training", "--name", "wide", "--set", "workers=3", "--set", "steps=20")
    for task in ("prepare-data", "parallel"):
        job = server.run("wide", task)
        assert job["state"] == "Complete", job["reason"]
    assert job["properties"]["workers"] == 3 and job["properties"]["steps"] == 20
    with pytest.raises(Failed, match="values: workers: \"9\" is none of its options"):
        server.cli("catalog", "install", "distributed-training", "--name", "other", "--set", "workers=9")


CONFIG = """name: x
tasks: [{name: greet, resources: [{name: worker, command: "python3 $SRC_DIR/greet.py {{ .who.value }}"}]}]
sources: [{name: src, cluster_storage: {{ .storage.value }}}]
"""
VALUES = """storage: {value: default, wizard: {kind: cluster_storage}}
who: {value: world, wizard: {kind: text}}
"""


class Author:
    """Somebody who keeps templates in a repository."""

    def __init__(self, folder, bare):
        self.work = folder / "author-of-templates"
        self.bare = bare

    def publish(self, files, message="more"):
        for name, text in files.items():
            path = self.work / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        git("-C", self.work, "add", "-A")
        git("-C", self.work, "commit", "-q", "-m", message)
        git("-C", self.work, "push", "-q", self.bare, "main")
        return git("-C", self.work, "rev-parse", "HEAD")


@pytest.fixture
def author(folder):
    made = Author(folder, make_repository(folder, "templates"))
    made.publish({"greet/Chart.yaml": "Name: Greet\nVersion: 1.0.0\n", "greet/values.yaml": VALUES,
                  "greet/ml-templates/config.yaml": CONFIG, "greet/README.md": "# Greet\n",
                  "greet/files/src/greet.py": "import sys; print('hello', sys.argv[1])\n"})
    return made


@pytest.fixture
def http(folder, author):
    made = HttpGit(folder)
    yield made
    made.stop()


def config_for(http):
    return json.dumps({"catalogs": [{"name": "team", "git": http.url("templates"), "account": "hub", "refresh": "1h"}]})


@pytest.fixture
def served(make_server, http):
    made = make_server(config=config_for(http)).start()
    made.cli("account", "create", "hub", "--kind", "git_token", "--user", "robot", stdin="s3cret\n")
    until("the catalog has been read with the account", lambda: made.request("POST", "/catalog/team/refresh")["fault"] is None)
    return made


def team(server):
    return next(each for each in server.request("GET", "/catalog?catalog=team")["catalogs"])


def told_down(server):
    """The catalog's state once it says that it cannot be read; it is not asked more often than once a second."""
    state = server.request("POST", "/catalog/team/refresh")
    return state if state["fault"] else None


def test_a_private_catalog_over_http_is_followed_installed_and_outlives_its_server(served, author, http):
    first = team(served)
    assert first["fault"] is None and first["templates"] == 1
    assert "s3cret" not in json.dumps(served.request("GET", "/catalog"))
    served.cli("catalog", "install", "team/greet", "--name", "one", "--set", "who=ana")
    job = served.run("one", "greet")
    assert job["state"] == "Complete" and "hello ana" in served.log_of(job, "worker-0")

    # The branch moves on: what is new is there, and what is broken is shown with its place and makes nothing.
    second = author.publish({"greet/Chart.yaml": "Name: Greet\nVersion: 2.0.0\n", "broken/Chart.yaml": "Name: Broken\nVersion: 1.0.0\nEngine: jinja\n"})
    until("the new commit is there", lambda: served.request("POST", "/catalog/team/refresh")["commit"] == second)
    assert second != first["commit"] and team(served)["broken"] == 1
    assert served.request("GET", "/catalog/team/greet")["version"] == "2.0.0"
    broken = served.request("GET", "/catalog/team/broken")
    assert ("Chart.yaml", 3) in {(fault["file"], fault["line"]) for fault in broken["faults"]}
    with pytest.raises(Failed, match="is broken and makes no projects"):
        served.cli("catalog", "install", "team/broken", "--name", "none")

    # Its server goes down: the last state stays, with since when and why, also over a restart of ours.
    http.stop()
    down = until("it is told that the catalog is down", lambda: told_down(served))
    with pytest.raises(Failed, match="the catalog team cannot be read"):
        served.cli("catalog", "refresh", "team")
    assert "could not reach" in down["fault"] and down["fault_since"] and down["commit"] == second
    served.restart()
    again = until("the restarted server has asked", lambda: told_down(served))
    assert again["commit"] == second and again["templates"] == 2
    served.cli("catalog", "install", "team/greet", "--name", "two")
    assert served.run("two", "greet")["state"] == "Complete"
    shown = served.cli("catalog", "list", check=False)
    assert "team/greet" in shown.stdout and "the catalog team cannot be read since" in shown.stderr


def test_a_folder_of_templates_is_a_catalog_too(folder, make_server):
    templates = folder / "templates"
    (templates / "greet" / "ml-templates").mkdir(parents=True)
    (templates / "greet" / "Chart.yaml").write_text("Name: Greet\nVersion: 1.0.0\n")
    (templates / "greet" / "ml-templates" / "config.yaml").write_text("name: x\ntasks: [{name: t, resources: [{name: r, command: echo}]}]\n")
    (templates / "loop" / "ml-templates").mkdir(parents=True)
    (templates / "loop" / "Chart.yaml").write_text("Name: Loop\nVersion: 1.0.0\n")
    (templates / "loop" / "ml-templates" / "config.yaml").write_text("{{ define \"a\" }}{{ template \"a\" . }}{{ end }}{{ template \"a\" . }}")
    (templates / "greet" / "README.md").symlink_to("/etc/passwd")
    server = make_server(config=json.dumps({"catalogs": [{"name": "lab", "folder": str(templates)}]})).start()
    items = {item["name"]: item for item in server.request("GET", "/catalog?catalog=lab")["items"]}
    assert not items["loop"]["sound"] and "call each other" in items["loop"]["faults"][0]["message"]
    assert not items["greet"]["sound"] and items["greet"]["faults"][0]["file"] == "README.md"
    assert "root:" not in json.dumps(server.request("GET", "/catalog/lab/greet"))
    (templates / "greet" / "README.md").unlink()
    until("the folder has been read again", lambda: server.request("GET", "/catalog/lab/greet")["sound"])
    shutil.rmtree(templates)
    gone = until("it is told that the folder is gone", lambda: server.request("GET", "/catalog?catalog=lab")["catalogs"][0]["fault"])
    assert "there is no folder" in gone
