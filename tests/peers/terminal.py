"""Runs a command on a terminal of its own and answers what it asks.

usage: terminal.py WORDS=ANSWER… -- COMMAND…

It waits until the terminal shows the WORDS, then types the ANSWER; `totp:SECRET` is the code of that moment (RFC 6238,
six digits, SHA-1). Prints what the terminal showed and ends with the command's own code.
"""
import base64
import hashlib
import hmac
import os
import pty
import select
import struct
import sys
import time


def totp(secret):
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    digest = hmac.new(key, struct.pack(">Q", int(time.time()) // 30), hashlib.sha1).digest()
    at = digest[-1] & 15
    return "%06d" % ((struct.unpack(">I", digest[at : at + 4])[0] & 0x7FFFFFFF) % 1_000_000)


def answer(text):
    return totp(text[5:]) if text.startswith("totp:") else text


def main():
    at = sys.argv.index("--")
    questions = [question.split("=", 1) for question in sys.argv[1:at]]
    pid, terminal = pty.fork()
    if pid == 0:
        os.execvp(sys.argv[at + 1], sys.argv[at + 1 :])
    shown, seen, ends = "", 0, time.time() + 40
    while time.time() < ends:
        if questions and questions[0][0] in shown[seen:]:
            seen = len(shown)
            os.write(terminal, (answer(questions.pop(0)[1]) + "\r").encode())
        if not select.select([terminal], [], [], 0.1)[0]:
            continue
        try:
            more = os.read(terminal, 4096)
        except OSError:
            break
        if not more:
            break
        shown += more.decode(errors="replace")
    else:
        os.kill(pid, 9)
    print(shown)
    if questions:
        print("never asked:", questions[0][0])
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) or (3 if questions else 0))


if __name__ == "__main__":
    main()
