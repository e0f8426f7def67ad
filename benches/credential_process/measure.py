#!/usr/bin/python3
"""Times whole processes, in turn: A B C A B C …, so that whatever else the machine does hits all of them.

usage: measure.py COMMANDS.json
A command is {"name", "argv", "env" (added to this one's), "every" (a round out of so many; 1)}. Prints the same list
as JSON with "median_ms", "p10_ms", "p90_ms", "runs", "peak_mib".
"""
import json
import os
import statistics
import subprocess
import sys
import time

ROUNDS = int(os.environ.get("ROUNDS", "60"))
commands = json.load(open(sys.argv[1]))
null = os.open(os.devnull, os.O_RDWR)
quiet = [(os.POSIX_SPAWN_DUP2, null, 0), (os.POSIX_SPAWN_DUP2, null, 1)]


def run(command):
    env = {**os.environ, **command.get("env", {})}
    begun = time.perf_counter()
    pid = os.posix_spawn(command["argv"][0], command["argv"], env, file_actions=quiet)
    _, status = os.waitpid(pid, 0)
    took = time.perf_counter() - begun
    if status != 0:
        sys.exit(f"{command['name']}: exit {os.waitstatus_to_exitcode(status)}")
    return took * 1000


for command in commands:
    run(command)  # warms the caches
times = {command["name"]: [] for command in commands}
for number in range(ROUNDS):
    for command in commands:
        if number % command.get("every", 1) == 0:
            times[command["name"]].append(run(command))
for command in commands:
    taken = sorted(times[command["name"]])
    command["median_ms"] = statistics.median(taken)
    command["p10_ms"], command["p90_ms"] = taken[len(taken) // 10], taken[len(taken) * 9 // 10]
    command["runs"] = len(taken)
    # GNU time is small itself; a child of Python would be charged with Python's memory.
    told = subprocess.run(["/usr/bin/time", "-f", "%M", *command["argv"]], env={**os.environ, **command.get("env", {})},
                          stdin=null, stdout=null, stderr=subprocess.PIPE, text=True, check=True)
    command["peak_mib"] = int(told.stderr.split()[-1]) / 1024
json.dump(commands, sys.stdout)
