#!/usr/bin/python3
"""Writes what was measured into a section of benches/README.md.

usage: report.py RESULTS.json README.md
"""
import json
import pathlib
import statistics
import sys

TITLES = {
    "put-1g": "put one file of 1 GiB", "get-1g": "get one file of 1 GiB",
    "put-5k": "put 5,000 files of 4 KiB", "get-5k": "get 5,000 files of 4 KiB",
    "put-tree": "put 200 files, 64 KiB to 64 MiB", "get-tree": "get 200 files, 64 KiB to 64 MiB",
    "ls-100k": "ls -r of 100,000 keys", "rm-5k": "rm -r of 5,000 keys",
}
BEGIN, END = "<!-- transfers: written by benches/transfers/run -->", "<!-- transfers: end -->"


def median(runs, what):
    return statistics.median(run[what] for run in runs)


def ratio(runs, base):
    """Of the medians; with pairs of one round beside each other, of the pairs."""
    if len(runs) == len(base):
        return tuple(statistics.median(a[what] / b[what] for a, b in zip(runs, base) if b[what] > 0)
                     for what in ("wall", "cpu"))
    return tuple(median(runs, what) / median(base, what) for what in ("wall", "cpu"))


def table(results):
    yield "| work | tool | wall | CPU | peak memory | wall, to s5cmd's | CPU, to s5cmd's | runs |"
    yield "|---|---|---:|---:|---:|---:|---:|---:|"
    for work, title in TITLES.items():
        runs = results.get(work, {}).get("runs", {})
        for tool, mine in runs.items():
            row = [title, tool, f"{median(mine, 'wall'):.2f} s", f"{median(mine, 'cpu'):.2f} s",
                   f"{max(run['peak_mib'] for run in mine):.0f} MiB"]
            if tool == "s5cmd" or "s5cmd" not in runs:
                row += ["", ""]
            else:
                row += [f"{value:.2f} ×" for value in ratio(mine, runs["s5cmd"])]
            yield "| " + " | ".join([*row, str(len(mine))]) + " |"
            title = ""


def memory(results):
    runs = results.get("mem-ls", {}).get("runs")
    if not runs:
        return
    peaks = {tuple(name.split()): run[0]["peak_mib"] for name, run in runs.items()}
    keys = sorted({int(number) for _, number in peaks})
    yield ""
    yield "Peak memory of `ls -r`, against a server that makes up the keys it lists:"
    yield ""
    yield "| tool | " + " | ".join(f"{number:,} keys" for number in keys) + " |"
    yield "|---" + "|---:" * len(keys) + "|"
    for tool in dict.fromkeys(tool for tool, _ in peaks):
        told = (peaks.get((tool, str(number))) for number in keys)
        yield f"| {tool} | " + " | ".join("" if peak is None else f"{peak:.0f} MiB" for peak in told) + " |"


def main():
    results = json.load(open(sys.argv[1]))
    readme = pathlib.Path(sys.argv[2])
    last = [result["facts"] for result in results.values()][-1]
    loads = [result["facts"]["load"] for result in results.values()]
    lines = [
        f"{last['date']}: {', '.join(last['versions'])}, {last['os']}, Linux {last['kernel']}, {last['cores']} cores, "
        f"which clients and server share. The load before each work was {min(loads)} to {max(loads)}.",
        "", *table(results), *memory(results),
    ]
    text = readme.read_text()
    before, rest = text.split(BEGIN)
    readme.write_text(before + "\n".join([BEGIN, "", *lines, "", END]) + rest.split(END)[1])
    print("\n".join(lines))


main()
