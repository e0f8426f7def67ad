#!/usr/bin/python3
"""Writes what was measured into a section of benches/README.md.

usage: report.py RESULTS.json FACTS.json README.md
"""
import json
import pathlib
import sys

results, facts = (json.load(open(path)) for path in sys.argv[1:3])
readme = pathlib.Path(sys.argv[3])
BEGIN, END = "<!-- credential_process: written by benches/credential_process/run -->", "<!-- credential_process: end -->"

by_name = {result["name"]: result["median_ms"] for result in results}
aws = next(median for name, median in by_name.items() if "export-credentials" in name)
lines = [
    f"{facts['date']}: {facts['securecart']} ({facts['bytes'] / 1e6:.1f} MB), {facts['aws']}, gnome-keyring "
    f"{facts['keyring']}, {facts['os']}, Linux {facts['kernel']}, {facts['cpu']}, {facts['cores']} cores.",
    "",
    "| command | median | 10–90 % | peak memory | faster than `aws configure export-credentials` |",
    "|---|---:|---:|---:|---:|",
]
for result in results:
    lines.append(
        f"| {result['name']} | {result['median_ms']:.1f} ms | {result['p10_ms']:.1f}–{result['p90_ms']:.1f} "
        f"| {result['peak_mib']:.1f} MiB | {aws / result['median_ms']:.0f} × |"
    )
lines += ["", "Beside the floor, a program that makes the same keychain read and nothing else:", ""]
for store in ("GNOME Keyring", "kernel keyring"):
    ours = by_name[f"`securecart credential-process`, {store}"]
    lines.append(f"- {store}: {ours / by_name[f'floor: the same read alone, {store}']:.2f} ×")
lines += [
    "",
    "200 `credential-process` at once with expired credentials:",
    "",
    "| store | until the last has its credentials | renewals |",
    "|---|---:|---:|",
]
names = {"keychain": "GNOME Keyring", "keyutils": "kernel keyring", "file": "file, age identity"}
for stampede in facts["stampedes"]:
    lines.append(f"| {names[stampede['store']]} | {stampede['ms'] / 1000:.2f} s | {stampede['renewals']} |")

text = readme.read_text()
before, rest = text.split(BEGIN)
readme.write_text(before + "\n".join([BEGIN, "", *lines, "", END]) + rest.split(END)[1])
print("\n".join(lines))
