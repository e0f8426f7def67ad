"""Runs `securecart login` against each of the sandbox's SAML providers in turn and writes the table.

usage: measure.py URL REGION ROUNDS README
"""
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import time
import urllib.request

url, region, rounds, readme = sys.argv[1], sys.argv[2], int(sys.argv[3]), pathlib.Path(sys.argv[4])
PROVIDERS = {
    "any form": "/idp/app",
    "Okta, Identity Engine": "/okta/app",
    "ADFS": "/adfs/ls/IdpInitiatedSignOn.aspx?loginToRp=urn:amazon:webservices",
    "Keycloak": "/realms/sandbox/protocol/saml/clients/aws",
}
home = pathlib.Path.home()
config = home / "config.toml"
state = home / "state"
environment = dict(os.environ, SECURECART_CONFIG=str(config), SECURECART_STATE_DIR=str(state))
text = "".join(
    f'[profile.p{index}]\nmethod = "saml"\nurl = "{url}{path}"\nusername = "alice@example.com"\nregion = "{region}"\n'
    f'endpoint_url = "{url}"\naccount_id = "333333333333"\nrole_name = "SamlDocs"\nkeychain = "file"\n'
    for index, path in enumerate(PROVIDERS.values())
)
config.write_text(text)
config.chmod(0o600)


def requests():
    with urllib.request.urlopen(f"{url}/_sandbox/state") as reply:
        calls = json.load(reply)["requests"]
    sts = sum(count for name, count in calls.items() if name.startswith("sts:"))
    return sum(calls.values()) - sts, sts


def reset():
    urllib.request.urlopen(urllib.request.Request(f"{url}/_sandbox/reset-counters", b"", method="POST")).close()


def run(index):
    reset()
    started = time.perf_counter()
    process = subprocess.Popen(
        ["securecart", "login", "--profile", f"p{index}", "--password-fd", "0"],
        stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment)
    process.stdin.write(b"alicepw\n")
    process.stdin.close()
    said = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    wall = time.perf_counter() - started
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        sys.exit(f"profile p{index} exited {process.returncode}: {said.decode(errors='replace')}")
    return wall * 1000, (usage.ru_utime + usage.ru_stime) * 1000, *requests()


measured = {}
for _ in range(rounds):
    for index, name in enumerate(PROVIDERS):
        shutil.rmtree(state, ignore_errors=True)
        measured.setdefault((name, "a password"), []).append(run(index))
        measured.setdefault((name, "kept cookies"), []).append(run(index))

lines = ["| provider | signed in with | wall | own CPU | pages | STS |", "|---|---|---:|---:|---:|---:|"]
for (name, how), runs in measured.items():
    wall, cpu, pages, sts = (statistics.median(column) for column in zip(*runs))
    lines.append(f"| {name} | {how} | {wall:.0f} ms | {cpu:.0f} ms | {pages:.0f} | {sts:.0f} |")
size = pathlib.Path(shutil.which("securecart")).stat().st_size / 1e6
head = f"{time.strftime('%Y-%m-%d')}: securecart ({size:.1f} MB), {rounds} rounds, medians of whole processes."
mark = "<!-- saml: written by benches/saml/run -->"
before, found, after = readme.read_text().partition(mark)
if not found:
    sys.exit(f"{readme} has no line {mark}")
after = after[after.index("<!-- saml: end -->"):]
readme.write_text(f"{before}{mark}\n\n{head}\n\n" + "\n".join(lines) + f"\n\n{after}")
print("\n".join(lines))
