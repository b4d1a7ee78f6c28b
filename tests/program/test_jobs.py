"""What a job is given, what it may use, and what is said when it ends badly."""
import json
import os
import re
import subprocess

import pytest

from conftest import Failed, one_task, until


def findings(server):
    return {f["subject"]: f for f in server.request("GET", "/doctor")["findings"]}


def test_every_variable_is_there_with_its_meaning(server):
    server.create("""
name: digits
sources:
- {name: my-data, mount_path: data, cluster_storage: default}
- {name: lib, mount_path: /workspace/lib, cluster_storage: default, library_dir: true}
tasks:
- name: train
  resources:
  - {name: my-ps, command: 'sleep 100', is_permanent: true, port: 2222}
  - {name: worker, replicas: 2, command: 'env', env: {PYTHONPATH: /opt/own, BUILD_ID: mine, GREETING: 'hi {{.PROJECT_NAME}}'}}
""")
    job = server.run("digits", "train")
    assert job["state"] == "Complete", job
    for index in (0, 1):
        seen = dict(line.split("=", 1) for line in server.log_of(job, f"worker-{index}").splitlines() if "=" in line)
        assert seen["REPLICA_INDEX"] == str(index)
        assert seen["GPU_COUNT"] == "0"
        assert seen["BUILD_ID"] == "1"
        assert seen["TASK_NAME"] == "train" and seen["PROJECT_NAME"] == "digits"
        assert seen["GREETING"] == "hi digits"
        assert seen["MY_PS_NODES"].endswith(":2222") and "," not in seen["MY_PS_NODES"]
        nodes = seen["WORKER_NODES"].split(",")
        assert len(nodes) == 2 and ":" not in nodes[0]
        assert seen["WORKER_HOSTS"] == seen["WORKER_NODES"]
        assert seen["MY_DATA_DIR"].endswith("data")
        metrics_folder = os.path.dirname(seen["PINTLE_METRICS_FILE"])
        assert seen["PYTHONPATH"] == f"/opt/own:{seen['LIB_DIR']}:{metrics_folder}"
        assert seen["PINTLE_JOB"] == "digits/train:1"
        assert seen["PINTLE_REPLICA"] == f"worker-{index}"


def test_replicas_reach_each_other_over_tcp_and_udp_by_the_names_they_are_given(server):
    program = r"""
import os, socket, time
index = int(os.environ["REPLICA_INDEX"]); nodes = [n.rsplit(":", 1) for n in os.environ["WORKER_NODES"].split(",")]
mine, other = nodes[index], nodes[1 - index]
udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM); udp.bind((mine[0], int(mine[1]))); udp.settimeout(0.2)
tcp = socket.socket(); tcp.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1); tcp.bind((mine[0], int(mine[1]))); tcp.listen(); tcp.settimeout(20)
heard = False
deadline = time.time() + 20
if index == 0:
    peer, _ = tcp.accept(); print("tcp", peer.recv(10).decode())
else:
    while True:
        try: out = socket.create_connection((other[0], int(other[1])), 1); break
        except OSError: time.sleep(0.05)
    out.sendall(b"hello")
for _ in range(100):
    udp.sendto(b"ping", (other[0], int(other[1])))
    try: print("udp", udp.recv(10).decode()); break
    except OSError: pass
for _ in range(5): udp.sendto(b"ping", (other[0], int(other[1])))
"""
    server.create(json.dumps({"name": "net", "tasks": [{"name": "t", "resources": [
        {"name": "worker", "replicas": 2, "port": 2222, "command": "python3 -c \"$PROGRAM\"", "env": {"PROGRAM": program}}]}]}))
    job = server.run("net", "t")
    assert job["state"] == "Complete", job
    assert "tcp hello" in server.log_of(job, "worker-0")
    assert "udp ping" in server.log_of(job, "worker-0") and "udp ping" in server.log_of(job, "worker-1")


def test_a_replica_ended_for_its_memory_says_so_in_words(server):
    if findings(server).get("memory limits", {}).get("level") != "good":
        pytest.skip("this machine does not let us enforce memory limits")
    server.create(one_task("python3 -c 'x = bytearray(400_000_000)'", limits={"memory": "64Mi"}))
    job = server.run("p", "t")
    assert job["state"] == "Error"
    assert "for memory" in job["reason"] and "64Mi" in job["reason"], job["reason"]
    notices = server.request("GET", f"/jobs/{job['id']}/notices")["items"]
    assert any(n["reason"] == "OutOfMemory" for n in notices)


def test_a_command_that_does_not_exist_is_named(server):
    server.create(one_task("no-such-program --fast"))
    job = server.run("p", "t")
    assert job["state"] == "Error"
    assert "not found" in job["reason"], job["reason"]
    assert "no-such-program" in server.log_of(job, "r-0")


def test_an_execution_directory_that_does_not_exist_fails_with_the_shells_words(server):
    server.create(one_task("true", work_dir="/no/such/place"))
    job = server.run("p", "t")
    assert job["state"] == "Error"
    assert "/no/such/place" in server.log_of(job, "r-0")


def test_the_command_runs_in_its_execution_directory_with_shell_features(server):
    server.create(one_task("echo one && pwd | tee out.txt; X=$(cat out.txt) && echo got $X", work_dir="$DATA_DIR/sub")
                  [:-1] + ', "sources": [{"name": "data", "mount_path": "/workspace/data", "cluster_storage": "default"}]}')
    server.request("PUT", "/projects/p/sources/data/files?path=sub/keep", body=b"x", headers={"Content-Type": "application/octet-stream"})
    job = server.run("p", "t")
    assert job["state"] == "Complete", server.log_of(job, "r-0")
    assert re.search(r"got /.*/sub", server.log_of(job, "r-0"))


def test_a_failed_replica_is_started_again_as_often_as_it_may_be(server):
    server.create(one_task("echo attempt; exit 3", max_restart_count=2))
    job = server.run("p", "t")
    assert job["state"] == "Error" and "exit code 3" in job["reason"] and "2 restarts" in job["reason"]
    history = server.request("GET", "/history?project=p")["items"]
    assert sorted(h["attempt"] for h in history) == [1, 2, 3]
    assert {h["exit_code"] for h in history} == {3}
    assert server.log_of(job, "r-0").count("attempt") == 3


def test_stopping_ends_everything_that_a_replica_started(server):
    server.create(one_task("trap '' TERM; (setsid sh -c 'trap \"\" TERM; echo $$ > $MARK; sleep 300' &) ; sleep 300", env={"MARK": str(server.data.parent / "pid")}))
    job = server.submit("p", "t")
    pid = int(until("the grandchild runs", lambda: (server.data.parent / "pid").exists() and (server.data.parent / "pid").read_text().strip()))
    server.request("POST", f"/jobs/{job['id']}/stop")
    done = server.wait(job)
    assert done["state"] == "Stopped" and "stopped by" in done["reason"]
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_what_can_never_run_is_refused_at_submit_with_the_numbers(server):
    share = server.request("GET", "/nodes")["items"][0]["cpu_millis"] // 100
    server.create(json.dumps({"name": "p", "tasks": [
        {"name": "memory", "resources": [{"name": "r", "command": "true", "requests": {"memory": "900Ti"}}]},
        {"name": "gpus", "resources": [{"name": "r", "command": "true", "gpus": 64}]},
        {"name": "many", "resources": [{"name": "r", "command": "true", "replicas": 200, "requests": {"cpu": f"{share}m"}}]}]}))
    for task, words in (("memory", "memory"), ("gpus", "64 GPUs"), ("many", "200 replicas")):
        with pytest.raises(Failed) as refused:
            server.submit("p", task)
        assert refused.value.code == 400 and "can never run" in refused.value.text and words in refused.value.text


def test_a_job_waits_for_gpus_and_the_timeout_counts_the_waiting_only(make_server):
    server = make_server(config="node: {gpus: 1}\n").start()
    server.create("name: p\ntasks:\n- name: t\n  timeout: 2s\n  resources: [{name: r, command: 'sleep 60', gpus: 1}]\n")
    first = server.submit("p", "t")
    server.wait(first, states=("Running",))
    second = server.submit("p", "t")
    assert server.job(second)["state"] == "Waiting for GPUs"
    assert "1 GPU" in server.job(second)["waiting_reason"]
    failed = server.wait(second)
    assert failed["state"] == "Error" and "waited 2 s" in failed["reason"]
    assert server.job(first)["state"] == "Running"


def test_an_image_is_refused_with_its_remedies_and_ignored_only_when_asked(server):
    server.create(one_task("echo ran on the host", image="tensorflow:2"))
    with pytest.raises(Failed) as refused:
        server.submit("p", "t")
    assert "no container can be run here" in refused.value.text and "--engine process" in refused.value.text
    job = server.run("p", "t", engine="process")
    assert job["state"] == "Complete"
    assert "images that the task names are ignored" in server.log_of(job, "job")


def test_a_git_source_is_cloned_and_its_commit_is_recorded(server, folder):
    repo = folder / "code"
    subprocess.run(["git", "init", "-q", "-b", "main", str(repo)], check=True)
    (repo / "src").mkdir()
    (repo / "src" / "hello.sh").write_text("echo hello from git\n")
    git = ["git", "-C", str(repo), "-c", "user.name=t", "-c", "user.email=t@localhost"]
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, "commit", "-qm", "one"], check=True)
    commit = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()
    server.create(f"""
name: p
sources:
- {{name: whole, git: "file://{repo}"}}
- {{name: src, git: "file://{repo}", sub_path: code/src}}
tasks:
- name: t
  resources: [{{name: r, command: "sh hello.sh; ls $WHOLE_DIR/code/src", work_dir: $SRC_DIR}}]
""")
    job = server.run("p", "t")
    assert job["state"] == "Complete", job["reason"]
    assert "hello from git" in server.log_of(job, "r-0") and "hello.sh" in server.log_of(job, "r-0")
    assert job["revisions"] == {"src": commit, "whole": commit}


def test_an_unreachable_repository_is_waited_for_and_fails_the_job_in_the_end(server):
    server.create("name: p\nsources: [{name: src, git: 'http://127.0.0.1:9/team/repo'}]\n"
                  "tasks: [{name: t, timeout: 2s, resources: [{name: r, command: 'true'}]}]\n")
    job = server.run("p", "t")
    assert job["state"] == "Error" and "src" in job["reason"] and "127.0.0.1:9" in job["reason"] and "given up" in job["reason"]


def test_cluster_storage_is_seen_by_those_who_should(server):
    for name in ("one", "two"):
        server.create(json.dumps({"name": name, "sources": [
            {"name": "own", "cluster_storage": "default"},
            {"name": "org", "cluster_storage": "default", "sub_path": "/team"},
            {"name": "all", "cluster_storage": "default", "sub_path": "/shared/world"}],
            "tasks": [{"name": "write", "resources": [{"name": "r", "command": "for d in $OWN_DIR $ORG_DIR $ALL_DIR; do echo $PROJECT_NAME >> $d/who; done"}]},
                      {"name": "read", "resources": [{"name": "r", "command": "for d in $OWN_DIR $ORG_DIR $ALL_DIR; do echo $(cat $d/who); done"}]}]}))
        assert server.run(name, "write")["state"] == "Complete"
    job = server.run("two", "read")
    assert server.log_of(job, "r-0").splitlines() == ["two", "one two", "one two"]
    root = server.data / "storage/default"
    assert (root / "org/default/one/own/who").exists() and (root / "org/default/team/who").exists() and (root / "shared/world/who").exists()


def test_a_job_token_reaches_its_own_project_only(server):
    server.create(one_task("true", name="other"))
    server.create(json.dumps({"name": "p", "tasks": [{"name": "t", "resources": [{"name": "r", "command": "python3 -c \"$PROGRAM\"", "env": {"PROGRAM": r"""
import os, urllib.request, urllib.error
def ask(path, method="GET", body=None):
    r = urllib.request.Request(os.environ["PINTLE_URL"] + "/api/v1" + path, method=method, data=body, headers={"Authorization": "Bearer " + os.environ["PINTLE_TOKEN"], "Content-Type": "application/json"})
    try: return urllib.request.urlopen(r).status
    except urllib.error.HTTPError as e: return e.code
print("own", ask("/projects/p"), "other", ask("/projects/other"), "delete", ask("/projects/p", "DELETE"), "doctor", ask("/doctor"))
print("set", ask("/jobs/" + os.environ["PINTLE_JOB_ID"] + "/properties", "POST", b'{"accuracy": 0.5}'))
print("run other", ask("/projects/other/tasks/t/jobs", "POST", b"{}"))
print("TOKEN " + os.environ["PINTLE_TOKEN"])
"""}}]}]}))
    job = server.run("p", "t")
    log = server.log_of(job, "r-0")
    assert "own 200 other 404 delete 403 doctor 403" in log and "set 200" in log and "run other 404" in log
    assert job["properties"] == {"accuracy": 0.5}
    token = log.split("TOKEN ")[1].strip()
    with pytest.raises(Failed) as ended:
        server.request("GET", "/projects/p", token=token)
    assert ended.value.code == 401
