"""Serves listings of as many made-up keys as are asked for, and nothing else.

Filling a real server with a million keys takes hours; what is measured with this is only the clients' memory. The
number of keys is in the folder's name: `…/n1000000/` holds that many, a thousand to a directory.
"""
import bisect
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, quote, urlsplit

PAGE = 1000
ENTRY = ("<Contents><Key>{}</Key><LastModified>2026-01-31T12:00:00.000Z</LastModified><ETag>&quot;{:032x}&quot;</ETag>"
         "<Size>4096</Size><StorageClass>STANDARD</StorageClass></Contents>")


FOLDER = "<CommonPrefixes><Prefix>{}</Prefix></CommonPrefixes>"


def key(n):
    """Keys in order, of a usual length, a thousand to a directory."""
    return f"2026/reports/{n // PAGE:06}/document-{n:09}.pdf"


def folders(below, many):
    """What a delimiter makes of the level below a prefix; none where the keys themselves are."""
    for whole, level in (("2026/", ""), ("2026/reports/", "2026/")):
        if below == level:
            return [whole] if many else []
    return [f"2026/reports/{n:06}/" for n in range(-(-many // PAGE))] if below == "2026/reports/" else []


class Listing(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        url = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        prefix = query.get("prefix", "")
        found = re.fullmatch(r"(.*/n(\d+)/)(.*)", prefix)
        top, many, below = (found[1], int(found[2]), found[3]) if found else (prefix, 0, "")
        levels = folders(below, many) if query.get("delimiter") == "/" else []
        if levels:
            begin, last, entry = 0, len(levels), lambda n: FOLDER.format(name + levels[n])
        else:
            numbers = range(many)
            begin = bisect.bisect_left(numbers, below, key=key)
            last = bisect.bisect_left(numbers, below + chr(0x10FFFF), key=key)
            begin = max(begin, bisect.bisect_right(numbers, query.get("start-after", "").removeprefix(top), key=key))
            entry = lambda n: ENTRY.format(name + key(n), n)
        begin = max(begin, int(query.get("continuation-token", "0")))
        end = min(begin + int(query.get("max-keys", PAGE)), last)
        name = quote(top, safe="/") if query.get("encoding-type") == "url" else top
        entries = "".join(entry(n) for n in range(begin, end))
        more = end < last
        body = (f'<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
                f"<Name>docs</Name><Prefix>{name}</Prefix><MaxKeys>{PAGE}</MaxKeys><KeyCount>{end - begin}</KeyCount>"
                f"<EncodingType>{query.get('encoding-type', '')}</EncodingType><IsTruncated>{str(more).lower()}</IsTruncated>"
                + (f"<NextContinuationToken>{end}</NextContinuationToken>" if more else "") + entries
                + "</ListBucketResult>").encode()
        if "encoding-type" not in query:
            body = body.replace(b"<EncodingType></EncodingType>", b"")
        self.send_response(200)
        self.send_header("Content-Type", "application/xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_HEAD(self):
        self.send_response(404)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def start():
    """Serves on a port of loopback until the process ends, and says at which address."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Listing)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}"
