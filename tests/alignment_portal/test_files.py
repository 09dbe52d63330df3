"""Files by their hash: kept once, checked at every reading, on disk and in an object store alike."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import boto3
import pytest
from django.core.files.storage import default_storage
from moto import mock_aws

from alignment_portal import files
from alignment_portal.operations import health
from gates.selectors.files import blob_name, open_blob
from initiatives.models import Initiative
from packs.selectors.files import pack_name, read_file
from packs.services.building import finish
from packs.services.holding import claim
from packs.services.requests import request_pack
from tests.alignment_portal.object_server import listening
from tests.gates import scene
from tests.packs.conftest import short_pdf
from tests.people import actor, browser

BODY = b"what was seen"
NAME = f"evidence/aa/{hashlib.sha256(BODY).hexdigest()}"
SHA256 = NAME.rpartition("/")[2]


@pytest.fixture
def bucket(settings, tmp_path, monkeypatch):
    """An empty bucket of a stand-in for S3, in which the portal keeps its files for the length of a test."""
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    options = {
        "bucket_name": "portal-files", "region_name": "eu-west-1", "default_acl": "private",
        "file_overwrite": True, "access_key": "test", "secret_key": "test",
    }  # fmt: skip
    with mock_aws():
        client = boto3.client(
            "s3", region_name="eu-west-1", aws_access_key_id="test", aws_secret_access_key="test"
        )
        client.create_bucket(
            Bucket="portal-files", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}
        )
        settings.MEDIA_ROOT = tmp_path
        settings.FILES_BUCKET = "portal-files"
        store = {"BACKEND": "alignment_portal.object_store.ObjectStore", "OPTIONS": options}
        settings.STORAGES = {**settings.STORAGES, "default": store}
        yield client, "portal-files"


@pytest.fixture(params=["disk", "bucket"])
def anywhere(request, settings, tmp_path):
    if request.param == "bucket":
        request.getfixturevalue("bucket")
    settings.MEDIA_ROOT = tmp_path


def keys_in(bucket):
    client, name = bucket
    return [found["Key"] for found in client.list_objects_v2(Bucket=name).get("Contents", [])]


def test_what_is_kept_is_read_back_and_listed(anywhere):
    files.keep_bytes(BODY, NAME)
    with files.opened(NAME, SHA256) as file:
        assert file.read() == BODY
    assert list(files.names()) == [NAME]
    assert files.probe() == ""


def test_what_is_not_what_it_says_is_not_given_out(anywhere):
    files.keep_bytes(BODY + b"!", NAME)
    with pytest.raises(files.FileDamaged, match="not what was kept"):
        files.opened(NAME, SHA256)


def test_what_is_gone_is_said(anywhere):
    with pytest.raises(files.FileDamaged, match="missing"):
        files.opened(NAME, SHA256)


@pytest.mark.django_db
def test_evidence_and_packs_live_in_the_bucket_and_are_served_by_the_portal_alone(bucket):
    initiative = scene.saved()
    item = scene.offered(initiative, form="file", file=scene.upload())
    asked = request_pack(by=actor("programme_manager"), subject="initiative:AI-0001")
    finish(claim(asked.build.pk), short_pdf())
    asked.build.refresh_from_db()
    assert len(keys_in(bucket)) == 2
    assert blob_name(item.blob_id) in keys_in(bucket)
    with open_blob(item.blob) as file:
        assert file.read() == scene.CSV
    assert read_file(asked.build.file) == short_pdf().body
    answer = browser("programme_manager").get(f"/initiatives/AI-0001/evidence/{item.ref}/file/")
    assert b"".join(answer.streaming_content) == scene.CSV
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert browser("other_manager").get(f"/initiatives/AI-0001/evidence/{item.ref}/file/").status_code == 404
    assert Initiative.objects.count() == 1


def test_the_same_file_is_sent_once_and_never_written_over(bucket):
    client, name = bucket
    files.keep_bytes(BODY, NAME)
    first = client.head_object(Bucket=name, Key=NAME)["LastModified"]
    files.keep_bytes(BODY, NAME)
    assert client.head_object(Bucket=name, Key=NAME)["LastModified"] == first


@pytest.mark.django_db
def test_a_store_that_is_away_refuses_the_file_in_words(bucket, settings):
    initiative = scene.saved()
    options = {**settings.STORAGES["default"]["OPTIONS"], "endpoint_url": "http://127.0.0.1:1"}
    store = {**settings.STORAGES["default"], "OPTIONS": options}
    settings.STORAGES = {**settings.STORAGES, "default": store}
    with pytest.raises(files.StorageDown, match="Files cannot be kept just now, so nothing was saved"):
        scene.offered(initiative, form="file", file=scene.upload())
    assert initiative.evidence.count() == 0
    assert health.state()["storage"] == "cannot be written to"
    assert default_storage.bucket_name == settings.FILES_BUCKET


PROGRAM = """
import sys, django
django.setup()
from alignment_portal import files
for name in sys.argv[1:]:
    files.keep_bytes(name.encode(), name)
    with files.opened(name, files.hashlib.sha256(name.encode()).hexdigest()) as file:
        assert file.read() == name.encode()
files.keep_bytes(b"sent again under its name", sys.argv[1])
assert list(files.names()) == sorted(sys.argv[1:])
assert files.probe() == ""
"""


def test_the_settings_lead_to_a_server_that_really_listens_and_every_request_is_signed(tmp_path):
    names = [blob_name(SHA256), pack_name(SHA256)]
    with listening("portal-files") as store:
        place = {
            "FILES_BUCKET": store.bucket, "FILES_ENDPOINT": store.address, "FILES_REGION": "eu-west-1",
            "FILES_ACCESS_KEY": "test", "FILES_SECRET_KEY": "not-sent", "PORTAL_VAR": str(tmp_path),
        }  # fmt: skip
        ran = subprocess.run(
            [sys.executable, "-c", PROGRAM, *names],
            env={**os.environ, **place, "DJANGO_SETTINGS_MODULE": "alignment_portal.settings"},
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
            check=False,
        )
    assert ran.returncode == 0, ran.stderr
    # What is there already is not written over: its name says what is in it.
    assert store.objects == {name: name.encode() for name in names}
    assert {sent["Authorization"].partition(" ")[0] for sent in store.headers} == {"AWS4-HMAC-SHA256"}
    assert "not-sent" not in str(store.headers)
    assert [path for path in (tmp_path / "files").rglob("*") if path.is_file()] == []
