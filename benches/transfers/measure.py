#!/usr/bin/python3
"""Runs the works with all tools in turn (A B C D A B C D …), checks what arrived, and keeps what was measured.

What is kept of each run: seconds of wall clock, seconds of CPU (user and system), and peak memory.
"""
import argparse
import filecmp
import hashlib
import json
import mmap
import os
import pathlib
import random
import shutil
import subprocess
import sys
import time

import floor
import listing
from tools import TOOLS, Tools

WORKS = ["put-1g", "get-1g", "put-5k", "get-5k", "put-tree", "get-tree", "ls-100k", "rm-5k", "mem-ls"]
TRANSFERS = WORKS[:6]
MEMORY_KEYS = [10_000, 100_000, 1_000_000]


def arguments():
    parser = argparse.ArgumentParser()
    for name in ("url", "bucket", "user-id", "work", "results", "securecart"):
        parser.add_argument(f"--{name}", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--only", default=",".join(WORKS), help="works, with commas between them")
    parser.add_argument("--tools", default=",".join(TOOLS), help="tools, with commas between them")
    parser.add_argument("--rounds", type=int, default=5, help="how often each tool does each work")
    parser.add_argument("--size", type=int, default=1 << 30, help="bytes of the one large file")
    return parser.parse_args()


class Data:
    """The files that are moved: the same at each run, none like another."""

    def __init__(self, directory, size):
        self.directory, self.random, self.size = directory, random.Random(17), size

    def write(self, path, size):
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(path, "wb") as file:
            while size > 0:
                file.write(self.random.randbytes(min(size, 1 << 24)))
                size -= 1 << 24

    def big(self):
        path = self.directory / "big.bin"
        if not path.exists():
            self.write(path, self.size)
        return path

    def small(self):
        tree = self.directory / "small"
        if not tree.exists():
            for n in range(5000):
                self.write(tree / f"{n // 100:02}" / f"document-{n:04}.txt", 4096)
        return tree

    def mixed(self):
        """200 files from 64 KiB to 64 MiB, as many from each doubling of the size."""
        tree = self.directory / "mixed"
        if not tree.exists():
            for n in range(200):
                self.write(tree / f"{n % 10}" / f"file-{n:03}.bin", int(65536 * 1024 ** (n / 199)))
        return tree


def warm(size):
    """Touches so much memory and frees it. A virtual machine gives free memory back to its host, in large blocks; whoever
    writes in large pieces would wait until it has them again, and whoever comes next would not."""
    with mmap.mmap(-1, size) as memory:
        memory.madvise(mmap.MADV_HUGEPAGE)
        for at in range(0, size, 4096):
            memory[at] = 1


def empty(path):
    """Gives the files' bytes back and keeps their names: ext4 passes over inodes that were freed in the last minutes one by
    one, so that who creates 5,000 files would pay for those that were removed before."""
    for file in [path] if path.is_file() else path.rglob("*"):
        if file.is_file():
            os.truncate(file, 0)


def size_of(path):
    return path.stat().st_size if path.is_file() else sum(file.stat().st_size for file in path.rglob("*") if file.is_file())


class Bench:
    def __init__(self, args):
        self.args, self.work = args, pathlib.Path(args.work)
        self.tools = Tools(args.url, args.bucket, args.user_id, self.work, args.securecart)
        self.data = Data(self.work / "data", args.size)
        self.known = {}
        self.number = 0

    def timed(self, tools, tool, verb, folder, local, out=None, given=None):
        usage, errors = self.work / "usage", self.work / "errors"
        command = ["/usr/bin/time", "-q", "-f", "%U %S %M", "-o", str(usage), *tools.command(tool, verb, folder, local)]
        with open(given or os.devnull, "rb") as stdin, open(out or os.devnull, "wb") as stdout, open(errors, "wb") as stderr:
            begun = time.perf_counter()
            ended = subprocess.run(command, env=tools.env(tool), stdin=stdin, stdout=stdout, stderr=stderr)
            wall = time.perf_counter() - begun
        if ended.returncode != 0:
            told = errors.read_text(errors="replace")[-2000:]
            sys.exit(f"{tool} {verb}: exit {ended.returncode}\n{' '.join(command)}\n{told}")
        user, system, peak = usage.read_text().split()[-3:]
        return {"wall": wall, "cpu": float(user) + float(system), "peak_mib": int(peak) / 1024}

    def transfer(self, tool, verb, folder, local, source):
        """Moves a file or tree; for the floor, what it needs to know is written down before the clock starts."""
        if tool != "floor":
            warm(size_of(source))
            return self.timed(self.tools, tool, verb, folder, str(local))
        plan, lines = floor.Plan(self.tools), self.work / "lines"
        for path in [source] if source.is_file() else source.rglob("*"):
            below = path.relative_to(source) if path != source else pathlib.Path()
            if path.is_dir():
                (local / below).mkdir(parents=True, exist_ok=True)
                continue
            plan.add(verb[:3], f"{folder}/{below}".removesuffix("/."), local / below, path.stat().st_size)
        lines.write_text("\n".join(plan.lines))
        warm(size_of(source))
        measured = self.timed(self.tools, tool, verb, folder, str(local), given=lines)
        plan.complete()
        return measured

    def same(self, tool, folder, source):
        """What is stored is what was sent. S3 has an MD5 of what came in one request; of what came in parts, the first
        run is read back, and the later ones must have its ETag."""
        files = {"": source} if source.is_file() else {
            str(path.relative_to(source)): path for path in source.rglob("*") if path.is_file()}
        stored = self.tools.stored(folder)
        if stored.keys() != files.keys():
            sys.exit(f"{tool}: {len(stored)} objects rather than {len(files)}")
        for name, path in files.items():
            size, etag = stored[name]
            if size != path.stat().st_size:
                sys.exit(f"{tool}: {name} has {size} bytes")
            if "-" not in etag:
                if hashlib.md5(path.read_bytes()).hexdigest() != etag:
                    sys.exit(f"{tool}: {name} arrived damaged")
            elif self.known.setdefault((tool, name), etag) != etag or not self.read_back((tool, name, etag), folder, path):
                sys.exit(f"{tool}: {name} arrived damaged")

    def read_back(self, which, folder, path):
        if which in self.known:
            return True
        back = self.work / "back"
        name = f"{folder}/{which[1]}".rstrip("/")
        self.tools.owner("cp", f"s3://{self.args.bucket}/{self.args.user_id}/{name}", str(back), stdout=subprocess.DEVNULL)
        equal = filecmp.cmp(back, path, shallow=False)
        back.unlink()
        self.known[which] = True
        return equal

    def put(self, tool, source, verb):
        self.number += 1
        folder = f"put-{self.number}"
        measured = self.transfer(tool, verb, folder, source, source)
        self.same(tool, folder, source)
        self.tools.clear(folder)
        return measured

    def get(self, tool, source, verb):
        self.number += 1
        folder, back = f"stored-{source.name}", self.work / f"got-{self.number}"
        if folder not in self.known:
            if source.is_dir():
                self.tools.fill(source, folder)
            else:
                self.tools.owner("cp", str(source), f"s3://{self.args.bucket}/{self.args.user_id}/{folder}",
                                 stdout=subprocess.DEVNULL)
            self.known[folder] = True
        measured = self.transfer(tool, verb, folder, back, source)
        pairs = [(source, back)] if source.is_file() else [
            (path, back / path.relative_to(source)) for path in source.rglob("*") if path.is_file()]
        for path, copy in pairs:
            if not copy.is_file() or not filecmp.cmp(path, copy, shallow=False):
                sys.exit(f"{tool}: {copy} is not what was stored")
        empty(back)
        return measured

    def ls(self, tool):
        folder, out = "many", self.work / "listed"
        if folder not in self.known:
            tree = self.work / "data/many"
            for n in range(100_000):
                if n % 1000 == 0:
                    (tree / f"{n // 1000:03}").mkdir(parents=True)
                (tree / f"{n // 1000:03}/document-{n:06}.txt").touch()
            self.tools.fill(tree, folder)
            shutil.rmtree(tree)
            self.known[folder] = True
        measured = self.timed(self.tools, tool, "ls", folder, None, out)
        lines = out.read_bytes().count(b"\n")
        if lines != 100_000:
            sys.exit(f"{tool}: {lines} lines")
        return measured

    def rm(self, tool):
        self.tools.fill(self.data.small(), "doomed")
        measured = self.timed(self.tools, tool, "rm", "doomed", None)
        # s5cmd's list of nothing is a failure.
        told = self.tools.owner("ls", f"s3://{self.args.bucket}/{self.args.user_id}/*", check=False,
                                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
        if "doomed" in told:
            sys.exit(f"{tool}: not everything was removed")
        return measured

    def memory(self, tool, keys):
        out = self.work / "listed"
        measured = self.timed(self.elsewhere, tool, "ls", f"n{keys}", None, out)
        lines = out.read_bytes().count(b"\n")
        if lines != keys:
            sys.exit(f"{tool}: {lines} lines rather than {keys}")
        return measured

    def once(self, work, tool):
        data = self.data
        return {
            "put-1g": lambda: self.put(tool, data.big(), "put"),
            "get-1g": lambda: self.get(tool, data.big(), "get"),
            "put-5k": lambda: self.put(tool, data.small(), "put-tree"),
            "get-5k": lambda: self.get(tool, data.small(), "get-tree"),
            "put-tree": lambda: self.put(tool, data.mixed(), "put-tree"),
            "get-tree": lambda: self.get(tool, data.mixed(), "get-tree"),
            "ls-100k": lambda: self.ls(tool),
            "rm-5k": lambda: self.rm(tool),
        }[work]()

    def run(self, work, tools, rounds):
        """The runs of each tool; those of the AWS CLI, which takes longest, are every fourth round's."""
        runs = {}
        if work == "mem-ls":
            self.elsewhere = self.tools.at(listing.start())
            for tool in tools:
                for keys in MEMORY_KEYS:
                    # Listing a million keys takes the AWS CLI minutes.
                    if tool != "floor" and (tool != "aws" or keys < 1_000_000):
                        runs.setdefault(f"{tool} {keys}", []).append(self.memory(tool, keys))
            return runs
        for number in range(rounds):
            self.tools.renew()
            for tool in tools:
                if tool in ("floor", "manager") and work not in TRANSFERS:
                    continue
                if tool != "aws" or number % 4 == 0:
                    measured = self.once(work, tool)
                    runs.setdefault(tool, []).append(measured)
                    print(f"{work} {tool}: {measured['wall']:.2f} s, CPU {measured['cpu']:.2f} s, "
                          f"{measured['peak_mib']:.0f} MiB", flush=True)
        return runs


def said(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip().splitlines()[0]


def facts(tools):
    os_name = dict(line.split("=", 1) for line in open("/etc/os-release").read().splitlines() if "=" in line)
    return {
        "date": time.strftime("%Y-%m-%d"), "os": os_name["PRETTY_NAME"].strip('"'), "kernel": os.uname().release.split("-")[0],
        "cores": os.cpu_count(), "load": round(os.getloadavg()[0], 1),
        "versions": [f"{said(tools.securecart, '--version')} ({os.path.getsize(tools.securecart) / 1e6:.1f} MB)",
                     "s5cmd " + said(tools.s5cmd, "version").split("-")[0], said(tools.rclone, "version"),
                     said("/usr/bin/aws", "--version").split()[0], " ".join(said("radosgw", "--version").split()[:3])],
    }


def main():
    args = arguments()
    bench = Bench(args)
    results = pathlib.Path(args.results)
    kept = json.loads(results.read_text()) if results.exists() else {}
    for work in args.only.split(","):
        if work not in WORKS:
            sys.exit(f"no work {work}; there are {', '.join(WORKS)}")
        before = facts(bench.tools)
        runs = bench.run(work, args.tools.split(","), args.rounds)
        kept[work] = {"facts": before, "runs": runs}
        results.write_text(json.dumps(kept))


if __name__ == "__main__":
    main()
