"""How each tool does each work, with the settings that its documentation recommends for it."""
import copy
import json
import os
import pathlib
import subprocess
import urllib.parse

import portal

TOOLS = ["securecart", "s5cmd", "rclone", "aws", "floor"]


class Tools:
    def __init__(self, url, bucket, user_id, work, securecart):
        self.url, self.bucket, self.user_id = url, bucket, user_id
        self.base = {"PATH": os.environ["PATH"], "HOME": str(work / "home"), "TZ": "UTC", "LANG": "C.UTF-8"}
        packages = next((work / "venv/lib").iterdir()) / "site-packages"
        # The package's own command is a Python script around this program, and would add Python's start.
        self.s5cmd = str(packages / "s5cmd/bin/s5cmd")
        self.rclone = str(work / "venv/bin/rclone")
        self.securecart = securecart
        self.manager = os.environ.get("TRANSFER_MANAGER")
        self.floor = str(work / "floor")
        source = pathlib.Path(__file__).parent / "floor.rs"
        subprocess.run(["rustc", "-O", "--edition", "2024", "-o", self.floor, source], check=True)
        self.sign_in(work)
        self.renew()

    def sign_in(self, work):
        at = portal.start(self.url, self.user_id)
        config = work / "config.toml"
        config.write_text(
            '[profile.docs]\nmethod = "sso"\nstart_url = "https://example.awsapps.com/start"\n'
            'sso_region = "us-east-1"\nregion = "us-east-1"\naccount_id = "000000000000"\nrole_name = "DocsUser"\n'
            f'bucket = "{self.bucket}"\nkeychain = "file"\nrequest_checksum_calculation = "when_required"\n')
        self.own = {**self.base, "SECURECART_CONFIG": str(config), "SECURECART_STATE_DIR": str(work / "state"),
                    "SECURECART_PASSPHRASE": os.environ["TEST_IDENTITY"], "AWS_ENDPOINT_URL": at,
                    "AWS_ENDPOINT_URL_S3": self.url}
        subprocess.run([self.securecart, "login", "--device-code"], env=self.own, check=True, capture_output=True)

    def renew(self):
        """Gives all the tools a fresh session of the role. securecart gets its own through its sign-in."""
        self.keys = keys = portal.assume(self.url, self.user_id)
        session = {"AWS_ACCESS_KEY_ID": keys["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"],
                   "AWS_SESSION_TOKEN": keys["SessionToken"], "AWS_REGION": "us-east-1"}
        self.aws_env = {**self.base, **session}
        self.rclone_env = {**self.base, "RCLONE_CONFIG": "/notfound"} | {
            f"RCLONE_CONFIG_RGW_{name}": value for name, value in {
                "TYPE": "s3", "PROVIDER": "Ceph", "ENDPOINT": self.url, "REGION": "us-east-1",
                "NO_CHECK_BUCKET": "true", "ACCESS_KEY_ID": keys["AccessKeyId"],
                "SECRET_ACCESS_KEY": keys["SecretAccessKey"], "SESSION_TOKEN": keys["SessionToken"]}.items()}

    def at(self, url):
        """The same tools at another server."""
        moved = copy.copy(self)
        moved.url = url
        moved.own = {**self.own, "AWS_ENDPOINT_URL_S3": url}
        moved.rclone_env = {**self.rclone_env, "RCLONE_CONFIG_RGW_ENDPOINT": url}
        return moved

    def env(self, tool):
        host = urllib.parse.urlsplit(self.url).netloc
        floor = {**self.base, "FLOOR_HOST": host}
        manager = {**self.aws_env, "AWS_ENDPOINT_URL": self.url, "AWS_REQUEST_CHECKSUM_CALCULATION": "when_required"}
        return {"securecart": self.own, "rclone": self.rclone_env, "floor": floor, "manager": manager}.get(
            tool, self.aws_env)

    def command(self, tool, verb, folder, local):
        """`verb` is put, get (one file), put-tree, get-tree, ls or rm (a folder). `folder` is below the caller's own."""
        if tool == "floor":
            return [self.floor, "64" if verb.endswith("tree") else "16"]
        if tool == "manager":
            return [self.manager, verb, self.bucket, f"{self.user_id}/{folder}", local]
        uri, remote = f"s3://{self.bucket}/{self.user_id}/{folder}", f"rgw:{self.bucket}/{self.user_id}/{folder}"
        s5cmd = [self.s5cmd, "--endpoint-url", self.url]
        rclone = [self.rclone, "--transfers", "32", "--checkers", "32"]
        aws = ["/usr/bin/aws", "--endpoint-url", self.url, "s3"]
        table = {
            ("securecart", "put"): [self.securecart, "put", local, folder],
            ("securecart", "get"): [self.securecart, "get", folder, local],
            ("securecart", "put-tree"): [self.securecart, "put", "-r", f"{local}/", folder],
            ("securecart", "get-tree"): [self.securecart, "get", "-r", f"{folder}/", local],
            ("securecart", "ls"): [self.securecart, "ls", "-r", folder],
            ("securecart", "rm"): [self.securecart, "rm", "-r", "--yes", f"{folder}/"],
            ("s5cmd", "put"): [*s5cmd, "cp", local, uri],
            ("s5cmd", "get"): [*s5cmd, "cp", uri, local],
            ("s5cmd", "put-tree"): [*s5cmd, "cp", f"{local}/", f"{uri}/"],
            ("s5cmd", "get-tree"): [*s5cmd, "cp", f"{uri}/*", f"{local}/"],
            ("s5cmd", "ls"): [*s5cmd, "ls", f"{uri}/*"],
            ("s5cmd", "rm"): [*s5cmd, "rm", f"{uri}/*"],
            ("rclone", "put"): [*rclone, "copyto", local, remote],
            ("rclone", "get"): [*rclone, "copyto", remote, local],
            ("rclone", "put-tree"): [*rclone, "copy", local, remote],
            ("rclone", "get-tree"): [*rclone, "copy", remote, local],
            ("rclone", "ls"): [*rclone, "lsf", "-R", "--files-only", "--fast-list", "--format", "stp", remote],
            ("rclone", "rm"): [*rclone, "delete", remote],
            ("aws", "put"): [*aws, "cp", "--only-show-errors", local, uri],
            ("aws", "get"): [*aws, "cp", "--only-show-errors", uri, local],
            ("aws", "put-tree"): [*aws, "cp", "--only-show-errors", "--recursive", local, uri],
            ("aws", "get-tree"): [*aws, "cp", "--only-show-errors", "--recursive", uri, local],
            ("aws", "ls"): [*aws, "ls", "--recursive", f"{uri}/"],
            ("aws", "rm"): [*aws, "rm", "--only-show-errors", "--recursive", uri],
        }
        return table[tool, verb]

    # What the benchmark itself does, as the bucket's owner.

    def owner(self, *args, check=True, **how):
        env = {**self.base, "AWS_ACCESS_KEY_ID": "owner", "AWS_SECRET_ACCESS_KEY": "ownersecret",
               "AWS_REGION": "us-east-1"}
        return subprocess.run([self.s5cmd, "--endpoint-url", self.url, *args], env=env, check=check, text=True, **how)

    def fill(self, local, folder):
        self.owner("cp", f"{local}/", f"s3://{self.bucket}/{self.user_id}/{folder}/", stdout=subprocess.DEVNULL)

    def stored(self, folder):
        """Size and ETag by key below a folder."""
        prefix = f"s3://{self.bucket}/{self.user_id}/{folder}"
        told = self.owner("--json", "ls", "--etag", f"{prefix}*", stdout=subprocess.PIPE).stdout
        lines = (json.loads(line) for line in told.splitlines())
        return {line["key"][len(prefix):].lstrip("/"): (line.get("size", 0), line["etag"]) for line in lines}

    def clear(self, folder):
        """Removes a folder, and has the server give its memory back."""
        prefix = f"s3://{self.bucket}/{self.user_id}/{folder}*"
        self.owner("rm", prefix, stdout=subprocess.DEVNULL)
        subprocess.run(["radosgw-admin", "gc", "process", "--include-all"], check=False, capture_output=True)
