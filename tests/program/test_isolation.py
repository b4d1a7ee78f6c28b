"""What a job's program cannot do: become somebody else."""
import pytest

from conftest import one_task


@pytest.fixture
def hiding(server):
    findings = {f["subject"]: f for f in server.request("GET", "/doctor")["findings"]}
    if findings["data folder"]["level"] != "good":
        pytest.skip(findings["data folder"]["message"])
    assert findings["data folder"]["message"] == "hidden from jobs"
    return server


def test_a_job_cannot_read_what_would_make_it_an_operator(hiding):
    server = hiding
    secret = (server.data / "secret").read_text(errors="replace") if (server.data / "secret").exists() else "none"
    server.create(one_task("cat $DATA/token $DATA/secret; ls -A $DATA $DATA/run/ $DATA/work; strings $DATA/state.db; "
                           "cat /proc/$SERVER/environ /proc/$SERVER/root$DATA/token; umount $DATA && cat $DATA/token; echo end",
                           env={"DATA": str(server.data), "SERVER": str(server.process.pid)}))
    job = server.run("p", "t")
    assert job["state"] == "Complete", job
    log = server.log_of(job, "r-0")
    assert server.token not in log and secret not in log
    assert "state.db\n" not in log and "PINTLE_DATA=" not in log
    assert log.endswith("end\n")


def test_a_job_still_has_its_own_sources_scratch_folder_and_token(hiding):
    server = hiding
    server.create("""
name: p
sources:
- {name: data, mount_path: /workspace/data, cluster_storage: default}
tasks:
- name: t
  resources:
  - name: r
    command: 'echo scratch > note; cat note; echo kept > $DATA_DIR/file; cat $DATA_DIR/file; test -n "$PINTLE_TOKEN" && echo token'
""")
    for _ in range(2):
        job = server.run("p", "t")
        assert job["state"] == "Complete", job
        assert server.log_of(job, "r-0") == "scratch\nkept\ntoken\n"
        server.restart()
