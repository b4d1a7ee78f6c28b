"""What benchmarks.md tells of sources and containers."""
from tables import ms, spread_text, table


def mb_per_s(value):
    return f"{value:,.0f}"


def seconds(value):
    return f"{value * 1e3:,.0f} ms" if value < 1 else f"{value:.2f} s"


def start_rows(results):
    starts = results["sources"]["starts"]
    names = {"none": "no source", "storage-1": "1 folder on cluster storage", "storage-10": "10 folders on cluster storage",
             "git-1": "1 git repository", "git-10": "10 git repositories"}
    return [(text, f"{spread_text(starts[key], ms)} ms", f"{starts[key]['median'] - starts['none']['median']:+.1f} ms") for key, text in names.items()]


def git_rows(results):
    found = results["sources"]["git"]
    names = {"clone": "`git clone` by hand", "first": "the first job", "second": "each further job", "none": "a job without a source"}
    return [(text, spread_text(found[key], seconds), f"{found[key]['median'] / found['clone']['median']:.2f}") for key, text in names.items()]


def read_rows(results):
    found = results["sources"]["throughput"]
    kinds = {"s3": ("S3", "`rclone copyto`"), "nfs": ("NFS", "`nfs-cp` of libnfs")}
    return [(name, spread_text(found[f"{kind} mount"], mb_per_s), f"{spread_text(found[f'{kind} tool'], mb_per_s)} by {tool}",
             f"{found[f'{kind} mount']['median'] / found[f'{kind} tool']['median']:.2f}") for kind, (name, tool) in kinds.items()]


def sources_section(results):
    sources = results["sources"]
    return f"""## Sources

From before the submission to the program's first act, a process job after the other, the kinds in turns; mirrors of the
repositories are there already. {sources['starts']['none']['runs']} runs each.

""" + table(["the task mounts", "start: median (min–max)", "more than without"], start_rows(results)) + f"""
A repository of 2,000 files with 20 MB, served by git's own daemon on this machine: from the submission to the end of a job of
`true`. The first job fills the mirror from which all further ones are served.

""" + table(["", "median (min–max)", "of the clone"], git_rows(results)) + f"""
One file of {sources['throughput']['bytes'] / 1e6:,.0f} MB, read once from begin to end by a fresh job through its mount, and copied
by the tool itself into memory, in turns. The servers, s3rver and Ganesha, share the cores with both.

""" + table(["", "through the mount (MB/s)", "plain copy (MB/s)", "mount of copy"], read_rows(results))


def container_rows(results):
    found = results["containers"]
    names = {"podman": "`podman run --rm`", "container": "a container job", "process": "a process job"}
    return [(text, f"{spread_text(found[key]['start'], ms)} ms", f"{spread_text(found[key]['end'], ms)} ms",
             f"{found[key]['start']['median'] / found['podman']['start']['median']:.2f}") for key, text in names.items()]


def containers_section(results):
    return """## Containers

From the command to the moment at which the program in the container writes the time into a file that both see, and to the moment
at which the command's caller knows of its end; the same image and a mounted folder, in turns.

""" + table(["", "until the program runs", "until its end is known", "start, of podman's"], container_rows(results))
