"""boto3 through the credential_process entry that securecart wrote. Run by boto3.sh.

usage: boto3_checks.py URL BUCKET OWN_FOLDER OTHER_FOLDER (once | long SECONDS)
"""
import io
import os
import sys
import time

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import ClientError

url, bucket, own, other, mode = sys.argv[1:6]
session = boto3.Session(profile_name="docs")
s3 = session.client("s3", endpoint_url=url, config=Config(retries={"max_attempts": 2}))
sts = session.client("sts", endpoint_url=url)


def refused(what, call, **arguments):
    try:
        call(**arguments)
    except ClientError as error:
        code = error.response["Error"]["Code"]
        assert code in ("AccessDenied", "403"), f"{what}: {error}"
        return
    raise AssertionError(f"{what} was not refused")


def once():
    assert sts.get_caller_identity()["UserId"] + "/" == own
    body = os.urandom(20_000_000)
    config = TransferConfig(multipart_threshold=5 << 20, multipart_chunksize=5 << 20)
    s3.upload_fileobj(io.BytesIO(body), bucket, own + "parts.bin", Config=config)
    assert s3.head_object(Bucket=bucket, Key=own + "parts.bin")["ETag"].strip('"').endswith("-4")
    back = io.BytesIO()
    s3.download_fileobj(bucket, own + "parts.bin", back, Config=config)
    assert back.getvalue() == body
    for name in ("a", "a/b", "ä ö+%2F.txt", "x/../y", "z/"):
        s3.put_object(Bucket=bucket, Key=own + name, Body=name.encode())
        assert s3.get_object(Bucket=bucket, Key=own + name)["Body"].read() == name.encode()
    pages = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=own, PaginationConfig={"PageSize": 2})
    keys = [entry["Key"] for page in pages for entry in page.get("Contents", [])]
    assert len(keys) == 6 and keys == sorted(keys), keys
    s3.copy({"Bucket": bucket, "Key": own + "a"}, bucket, own + "copied")
    s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": key} for key in [*keys, own + "copied"]]})
    assert s3.list_objects_v2(Bucket=bucket, Prefix=own)["KeyCount"] == 0
    print("  ok: upload and download in parts, list by pages, copy, delete, keys of any kind")

    refused("a foreign put", s3.put_object, Bucket=bucket, Key=other + "x", Body=b"x")
    refused("a foreign get", s3.get_object, Bucket=bucket, Key=other + "x")
    refused("a foreign list", s3.list_objects_v2, Bucket=bucket, Prefix=other)
    refused("a list of everything", s3.list_objects_v2, Bucket=bucket)
    refused("a list of all buckets", s3.list_buckets)
    refused("HeadBucket", s3.head_bucket, Bucket=bucket)
    refused("a foreign copy", s3.copy_object, Bucket=bucket, Key=own + "x", CopySource=f"{bucket}/{other}secret")
    print("  ok: everything outside the own folder is refused")


def long(seconds):
    """One client for longer than its credentials live."""
    keys, rounds, end = set(), 0, time.monotonic() + seconds
    while time.monotonic() < end:
        s3.put_object(Bucket=bucket, Key=f"{own}round-{rounds}", Body=b"x")
        keys.add(session.get_credentials().get_frozen_credentials().access_key)
        rounds += 1
        time.sleep(0.5)
    assert len(keys) >= 2, f"the credentials never changed: {keys}"
    print(f"  ok: one session outlived its credentials ({rounds} requests, {len(keys)} sets of credentials)")


once() if mode == "once" else long(float(sys.argv[6]))
