#!/usr/bin/python3
"""Writes a small root file system as a tar: bash, a few tools and Python, taken from this machine's own files.

    make_image.py [--packages FOLDER] > image.tar          then: podman import image.tar pintle-test

FOLDER is one of Python packages (site-packages of a virtual environment) that the image shall have as well.
No registry is needed, and the same machine gives the same image."""
import argparse
import io
import os
import re
import subprocess
import sys
import sysconfig
import tarfile

PROGRAMS = ("bash sh cat cp date env echo false grep head id kill ln ls mkdir mkfifo mv nproc printenv ps pwd python3 rm "
            "sed seq sleep sort stat tail tee test timeout touch tr true uname wc").split()
FOLDERS = "dev etc proc root run sys tmp usr usr/bin usr/lib usr/lib64 usr/local usr/local/lib usr/sbin var var/tmp workspace".split()
LINKS = {"bin": "usr/bin", "lib": "usr/lib", "lib64": "usr/lib64", "sbin": "usr/sbin", "usr/bin/python": "python3"}
TEXTS = {"etc/passwd": "root:x:0:0:root:/root:/bin/bash\nnobody:x:65534:65534:nobody:/:/bin/sh\n",
         "etc/group": "root:x:0:\nnogroup:x:65534:\n",
         "etc/nsswitch.conf": "hosts: files dns\n"}
LEFT_OUT = re.compile(r"/(test|tests|idlelib|tkinter|turtledemo|ensurepip|__pycache__)(/|$)|/config-3")


def libraries_of(path):
    text = subprocess.run(["ldd", path], capture_output=True, text=True).stdout
    return re.findall(r"(/\S+)", text)


class Image:
    def __init__(self, out):
        self.tar = tarfile.open(fileobj=out, mode="w|", format=tarfile.GNU_FORMAT)
        self.seen = set()

    def info(self, name, kind, mode=0o755):
        made = tarfile.TarInfo(name)
        made.type, made.mode = kind, mode
        return made

    def skeleton(self):
        for name in FOLDERS:
            self.tar.addfile(self.info(name, tarfile.DIRTYPE, 0o1777 if name.endswith("tmp") else 0o755))
            self.seen.add(name)
        for name, target in LINKS.items():
            link = self.info(name, tarfile.SYMTYPE)
            link.linkname = target
            self.tar.addfile(link)
        for name, text in TEXTS.items():
            made = self.info(name, tarfile.REGTYPE, 0o644)
            made.size = len(text)
            self.tar.addfile(made, io.BytesIO(text.encode()))

    def folder(self, name):
        if not name or name in self.seen or name in LINKS:
            return
        self.folder(os.path.dirname(name))
        self.seen.add(name)
        self.tar.addfile(self.info(name, tarfile.DIRTYPE))

    def file(self, source, name):
        """The file itself, whatever links lead to it."""
        if name in self.seen:
            return
        self.seen.add(name)
        self.folder(os.path.dirname(name))
        made = self.info(name, tarfile.REGTYPE, 0o755 if os.access(source, os.X_OK) else 0o644)
        made.size = os.path.getsize(source)
        with open(source, "rb") as content:
            self.tar.addfile(made, content)

    def program(self, source, name):
        self.file(os.path.realpath(source), name)
        self.libraries(source)

    def libraries(self, source):
        for library in libraries_of(source):
            # Others lie within packages, which come as a whole.
            if not library.startswith(("/lib/", "/lib64/", "/usr/lib")):
                continue
            # Where the loader looks, whichever of the two names ldd says.
            name = library.lstrip("/")
            self.file(os.path.realpath(library), name if name.startswith("usr/") else "usr/" + name)

    def tree(self, source, name):
        for folder, folders, files in os.walk(source):
            folders[:] = [each for each in sorted(folders) if not LEFT_OUT.search(f"{folder}/{each}")]
            for each in sorted(files):
                path = f"{folder}/{each}"
                if not os.path.exists(path):
                    continue
                self.file(os.path.realpath(path), name + path[len(source):])
                if ".so" in each:
                    self.libraries(path)


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--packages")
    given = arguments.parse_args()
    image = Image(sys.stdout.buffer)
    image.skeleton()
    for name in PROGRAMS:
        image.program(f"/usr/bin/{name}", f"usr/bin/{name}")
    # Loaded by name when a thread ends, so that ldd does not tell of it.
    gcc = next(path for path in re.findall(r"(/\S+)", subprocess.run(["/sbin/ldconfig", "-p"], capture_output=True, text=True).stdout)
               if path.endswith("/libgcc_s.so.1"))
    image.file(os.path.realpath(gcc), "usr/" + gcc.removeprefix("/usr").lstrip("/"))
    library = sysconfig.get_path("stdlib")
    image.tree(library, library.lstrip("/"))
    if given.packages:
        image.tree(given.packages, f"usr/local/lib/python{sys.version_info.major}.{sys.version_info.minor}/dist-packages")
    image.tar.close()


if __name__ == "__main__":
    main()
