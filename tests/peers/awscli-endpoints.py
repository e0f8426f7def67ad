#!/usr/bin/python3
"""Endpoint rules that make Debian's AWS CLI v2 talk SSO to a local server.

`aws sso login` of that version passes no endpoint to its client, and ignores AWS_ENDPOINT_URL.

usage: awscli-endpoints.py DIR URL
then:  AWS_DATA_PATH=DIR /usr/bin/aws sso login --no-browser --profile NAME
"""
import gzip
import json
import pathlib
import sys

SERVICES = pathlib.Path("/usr/lib/python3/dist-packages/awscli/botocore/data")
out, url = pathlib.Path(sys.argv[1]), sys.argv[2]
for service, version in (("sso-oidc", "2019-06-10"), ("sso", "2019-06-10")):
    source = next((SERVICES / service / version).glob("endpoint-rule-set-1.json*"))
    with gzip.open(source) if source.suffix == ".gz" else open(source, "rb") as file:
        rules = json.load(file)
    endpoint = {"url": url, "properties": {}, "headers": {}}
    rules["rules"] = [{"conditions": [], "endpoint": endpoint, "type": "endpoint"}]
    target = out / service / version
    target.mkdir(parents=True, exist_ok=True)
    (target / "endpoint-rule-set-1.json").write_text(json.dumps(rules))
