"""Stands in for IAM Identity Center, so that securecart signs in to RGW the way it does to AWS.

It approves whoever asks; the role credentials are those of RGW's own STS.
"""
import json
import os
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ACCOUNT, ROLE = "000000000000", "DocsUser"


def assume(url, user_id):
    """A session of the role, as RGW's STS gives it."""
    env = {"PATH": os.environ["PATH"], "HOME": os.environ["HOME"], "AWS_ACCESS_KEY_ID": "owner",
           "AWS_SECRET_ACCESS_KEY": "ownersecret"}
    told = subprocess.run(
        ["/usr/bin/aws", "--region", "us-east-1", "--endpoint-url", url, "sts", "assume-role", "--role-arn",
         f"arn:aws:iam:::role/{ROLE}", "--role-session-name", user_id.split(":", 1)[1]],
        env=env, check=True, capture_output=True, text=True)
    return json.loads(told.stdout)["Credentials"]


def start(url, user_id):
    """Serves on a port of loopback until the process ends, and says at which address."""

    class Portal(BaseHTTPRequestHandler):
        def answer(self, body, kind="application/json"):
            body = body.encode()
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self):
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            later = int(time.time()) + 86400
            here = f"http://127.0.0.1:{self.server.server_port}"
            if self.path == "/client/register":
                self.answer(json.dumps({"clientId": "c", "clientSecret": "s", "clientIdIssuedAt": 0,
                                        "clientSecretExpiresAt": later}))
            elif self.path == "/device_authorization":
                self.answer(json.dumps({"deviceCode": "d", "userCode": "AAAA-AAAA", "verificationUri": here,
                                        "verificationUriComplete": here, "expiresIn": 60, "interval": 1}))
            elif self.path == "/token":
                self.answer(json.dumps({"accessToken": "t", "tokenType": "Bearer", "expiresIn": 28800}))
            else:
                arn = f"arn:aws:sts::{ACCOUNT}:assumed-role/{ROLE}/{user_id.split(':', 1)[1]}"
                self.answer(
                    '<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">'
                    f"<GetCallerIdentityResult><Arn>{arn}</Arn><UserId>{user_id}</UserId><Account>{ACCOUNT}</Account>"
                    "</GetCallerIdentityResult></GetCallerIdentityResponse>", "text/xml")

        def do_GET(self):
            keys = assume(url, user_id)
            self.answer(json.dumps({"roleCredentials": {
                "accessKeyId": keys["AccessKeyId"], "secretAccessKey": keys["SecretAccessKey"],
                "sessionToken": keys["SessionToken"], "expiration": int(time.time() + 3500) * 1000}}))

        def log_message(self, *_):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Portal)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"
