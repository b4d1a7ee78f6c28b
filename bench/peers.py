"""The programs that Pintle is measured beside: xargs, task-spooler, and Slurm with daemons of its own on loopback."""
import contextlib
import getpass
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import time

from timing import Failed, until

# What the high-throughput guide of Slurm advises for many short jobs, as far as 22.05 knows it.
SLURM_HIGH_THROUGHPUT = """\
SchedulerType=sched/builtin
SchedulerParameters=batch_sched_delay=0,sched_min_interval=0,sched_interval=1,default_queue_depth=10000,partition_job_depth=10000,sched_max_job_start=0,max_rpc_cnt=150
PriorityType=priority/basic
SlurmctldDebug=error
SlurmdDebug=error
CompleteWait=0
MinJobAge=10
MessageTimeout=60
TCPTimeout=10
"""
SLURM_DEFAULT = """\
SchedulerType=sched/backfill
SlurmctldDebug=info
SlurmdDebug=info
"""


def run(words, env=None, **options):
    """Runs a short command; a failure raises with what it said."""
    done = subprocess.run(words, env=env, capture_output=True, text=True, timeout=120, **options)
    if done.returncode != 0:
        raise Failed(f"{' '.join(map(str, words))} ended with {done.returncode}: {done.stderr[-800:]}{done.stdout[-200:]}")
    return done.stdout


def feed_xargs(words, count, parallel, env=None):
    """Seconds that xargs takes to run the command `count` times, `parallel` at once."""
    lines = "".join(f"{i}\n" for i in range(count)).encode()
    began = time.monotonic()
    # -I{} without a {} in the command: a process for every line, and nothing appended.
    done = subprocess.run(["xargs", "-P", str(parallel), "-I{}", *words], input=lines, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    if done.returncode != 0:
        raise Failed(f"xargs {' '.join(words)}: {done.stderr.decode(errors='replace')[-800:]}")
    return time.monotonic() - began


class TaskSpooler:
    """A task-spooler server with its own socket; its finished list is as long as the number of jobs."""

    def __init__(self, folder, slots):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True)
        self.env = {**os.environ, "TS_SOCKET": str(self.folder / "socket"), "TMPDIR": str(self.folder), "TS_SAVELIST": str(self.folder / "list"),
                    "TS_MAXFINISHED": "100000"}
        self.slots = slots

    def __enter__(self):
        run(["tsp", "-S", str(self.slots)], self.env)
        return self

    def __exit__(self, *_):
        subprocess.run(["tsp", "-K"], env=self.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def unfinished(self):
        return len(re.findall(r"^\d+\s+(?:queued|running|allocating)", run(["tsp", "-l"], self.env), re.M))

    def many(self, count, submitters):
        """Seconds from the first submission of `bash -c true` to the end of the last job."""
        began = time.monotonic()
        feed_xargs(["tsp", "bash", "-c", "true"], count, submitters, self.env)
        until("task-spooler has run everything", lambda: self.unfinished() == 0, 600)
        took = time.monotonic() - began
        run(["tsp", "-C"], self.env)
        return took

    def once(self, command):
        """Runs one command and waits for its end."""
        number = run(["tsp", "bash", "-c", command], self.env).strip()
        run(["tsp", "-w", number], self.env)


def free_ports(count):
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


class Slurm:
    """munged, slurmctld and slurmd on 127.0.0.1 with everything they keep in one folder; one node of `slots` CPUs."""

    def __init__(self, folder, slots, tuned):
        self.folder = pathlib.Path(folder)
        self.slots = slots
        self.tuned = tuned
        self.processes = []
        self.env = {**os.environ, "SLURM_CONF": str(self.folder / "slurm.conf")}
        # From a shell inside a job of another Slurm nothing may leak in.
        for name in [name for name in self.env if name.startswith(("SLURM_", "SBATCH_")) and name != "SLURM_CONF"]:
            del self.env[name]

    def _write_configuration(self):
        control, daemon = free_ports(2)
        host = socket.gethostname().split(".")[0]
        user = getpass.getuser()
        (self.folder / "cgroup.conf").write_text("CgroupPlugin=cgroup/v1\nCgroupAutomount=no\nIgnoreSystemd=yes\n")
        (self.folder / "slurm.conf").write_text(f"""\
ClusterName=bench
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={control}
SlurmdPort={daemon}
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={self.folder}/munge.socket
CredType=cred/munge
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
SlurmdParameters=config_overrides
ReturnToService=2
MaxJobCount=20000
MaxArraySize=20001
StateSaveLocation={self.folder}/state
SlurmdSpoolDir={self.folder}/spool
SlurmctldPidFile={self.folder}/slurmctld.pid
SlurmdPidFile={self.folder}/slurmd.pid
SlurmctldLogFile={self.folder}/slurmctld.log
SlurmdLogFile={self.folder}/slurmd.log
{SLURM_HIGH_THROUGHPUT if self.tuned else SLURM_DEFAULT}
NodeName={host} NodeAddr=127.0.0.1 CPUs={self.slots} RealMemory=512 State=UNKNOWN
PartitionName=all Nodes={host} Default=YES MaxTime=INFINITE State=UP
""")

    def _spawn(self, name, words):
        log = open(self.folder / f"{name}.out", "ab")
        process = subprocess.Popen(words, env=self.env, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        self.processes.append((name, process))

    def _alive(self):
        for name, process in self.processes:
            if process.poll() is not None:
                said = "".join((self.folder / file).read_text(errors="replace")[-1500:] for file in (f"{name}.out", f"{name}.log") if (self.folder / file).exists())
                raise Failed(f"{name} ended with {process.returncode}: {said}")

    def _node_is_idle(self):
        self._alive()
        asked = subprocess.run(["sinfo", "-h", "-o", "%t"], env=self.env, capture_output=True, text=True)
        return asked.returncode == 0 and asked.stdout.strip() in ("idle", "idle*") and "*" not in asked.stdout

    def __enter__(self):
        for name in ("", "state", "spool", "out"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        self._write_configuration()
        key = self.folder / "munge.key"
        key.write_bytes(os.urandom(128))
        key.chmod(0o400)
        try:
            # --force: a folder below /tmp is not the place that munged likes for its key.
            self._spawn("munged", ["/usr/sbin/munged", "--foreground", "--force", f"--socket={self.folder}/munge.socket", f"--key-file={key}",
                                   f"--pid-file={self.folder}/munged.pid", f"--log-file={self.folder}/munged.log", f"--seed-file={self.folder}/munge.seed"])
            until("munged listens", lambda: (self.folder / "munge.socket").exists() or self._alive(), 20)
            self._spawn("slurmctld", ["/usr/sbin/slurmctld", "-D", "-i"])
            self._spawn("slurmd", ["/usr/sbin/slurmd", "-D"])
            until("Slurm's node is idle", self._node_is_idle, 60)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        subprocess.run(["scancel", "--user", getpass.getuser()], env=self.env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=30)
        for _, process in reversed(self.processes):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for _, process in reversed(self.processes):
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _unfinished(self):
        self._alive()
        return len(run(["squeue", "-h", "-r", "-o", "%i"], self.env).split())

    def _batch(self, *words):
        return ["sbatch", "--parsable", "-n1", f"--output={self.folder}/out/%j", f"--chdir={self.folder}", *words]

    def singles(self, count, submitters):
        began = time.monotonic()
        feed_xargs(self._batch("--wrap=true"), count, submitters, self.env)
        until("Slurm has run every single job", lambda: self._unfinished() == 0, 600)
        return time.monotonic() - began

    def array(self, count):
        began = time.monotonic()
        run(self._batch(f"--array=1-{count}", "--wrap=true"), self.env)
        until("Slurm has run the array", lambda: self._unfinished() == 0, 600)
        return time.monotonic() - began

    def once(self, command):
        """Runs one command and waits for its end."""
        script = self.folder / "once.sh"
        script.write_text(f"#!/bin/bash\n{command}\n")
        run(self._batch(str(script)), self.env)
        until("Slurm has run the job", lambda: self._unfinished() == 0, 120)


def version_of(package):
    return run(["dpkg-query", "-W", "-f=${Version}", package])


def missing_programs():
    return [name for name in ("xargs", "tsp", "sbatch", "squeue", "/usr/sbin/munged", "/usr/sbin/slurmctld", "/usr/sbin/slurmd") if not shutil.which(name)]
