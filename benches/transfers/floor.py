"""What the leanest client does for a work: pre-signed requests, written down before the clock starts."""
import datetime
import hashlib
import hmac
import re
import urllib.parse
import urllib.request

PART = 8 << 20


def presigned(url, keys, method, path, query=()):
    """The path and query of a request that is good for an hour. Source: SigV4, "Authenticating requests: using query
    parameters"."""
    now = datetime.datetime.now(datetime.timezone.utc)
    time, day = now.strftime("%Y%m%dT%H%M%SZ"), now.strftime("%Y%m%d")
    scope = f"{day}/us-east-1/s3/aws4_request"
    asked = dict(query) | {
        "X-Amz-Algorithm": "AWS4-HMAC-SHA256", "X-Amz-Credential": f"{keys['AccessKeyId']}/{scope}", "X-Amz-Date": time,
        "X-Amz-Expires": "3600", "X-Amz-Security-Token": keys["SessionToken"], "X-Amz-SignedHeaders": "host"}
    quoted = lambda text: urllib.parse.quote(text, safe="-_.~")
    canonical = "&".join(f"{quoted(name)}={quoted(value)}" for name, value in sorted(asked.items()))
    path = urllib.parse.quote(path, safe="/-_.~")
    host = urllib.parse.urlsplit(url).netloc
    request = f"{method}\n{path}\n{canonical}\nhost:{host}\n\nhost\nUNSIGNED-PAYLOAD"
    text = f"AWS4-HMAC-SHA256\n{time}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
    key = f"AWS4{keys['SecretAccessKey']}".encode()
    for word in (day, "us-east-1", "s3", "aws4_request"):
        key = hmac.digest(key, word.encode(), "sha256")
    return f"{path}?{canonical}&X-Amz-Signature={hmac.new(key, text.encode(), 'sha256').hexdigest()}"


class Plan:
    """Lines for the program, and what comes before and after it."""

    def __init__(self, tools):
        self.tools, self.lines, self.uploads = tools, [], []

    def signed(self, method, name, query=()):
        path = f"/{self.tools.bucket}/{self.tools.user_id}/{name}"
        return presigned(self.tools.url, self.tools.keys, method, path, query)

    def send(self, method, target, body=None):
        request = urllib.request.Request(self.tools.url + target, method=method, data=body)
        with urllib.request.urlopen(request) as reply:
            return reply.read().decode(), reply.headers

    def add(self, verb, name, local, size):
        (self.get if verb == "get" else self.put)(name, local, size)

    def get(self, name, local, size):
        target = self.signed("GET", name)
        for at in range(0, size, PART):
            self.lines.append(f"GET {target} {local} {at} {min(PART, size - at)}")

    def put(self, name, local, size):
        if size <= 2 * PART:
            self.lines.append(f"PUT {self.signed('PUT', name)} {local} 0 {size}")
            return
        told, _ = self.send("POST", self.signed("POST", name, {"uploads": ""}), b"")
        upload = re.search("<UploadId>(.*?)</UploadId>", told)[1]
        for number, at in enumerate(range(0, size, PART), 1):
            target = self.signed("PUT", name, {"partNumber": str(number), "uploadId": upload})
            self.lines.append(f"PUT {target} {local} {at} {min(PART, size - at)}")
        self.uploads.append((name, upload))

    def complete(self):
        for name, upload in self.uploads:
            told, _ = self.send("GET", self.signed("GET", name, {"uploadId": upload}))
            parts = re.findall(r"<PartNumber>(\d+)</PartNumber>.*?<ETag>(.*?)</ETag>", told)
            body = "".join(f"<Part><PartNumber>{number}</PartNumber><ETag>{etag}</ETag></Part>" for number, etag in parts)
            body = f"<CompleteMultipartUpload>{body}</CompleteMultipartUpload>"
            self.send("POST", self.signed("POST", name, {"uploadId": upload}), body.encode())
