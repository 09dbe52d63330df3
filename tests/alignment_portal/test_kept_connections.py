"""A connection to the database outlives the request: opening one anew costs more than most answers."""

import pytest
from django.conf import settings
from django.db import close_old_connections, connection

from tests.people import browser


def test_connections_are_kept_for_the_next_request():
    assert settings.DATABASES["default"]["CONN_MAX_AGE"] == 60


@pytest.mark.django_db(transaction=True)
def test_the_end_of_a_request_leaves_the_connection_open():
    browser("executive").get("/")
    opened = connection.connection
    close_old_connections()  # what every request ends with
    assert opened is not None
    assert connection.connection is opened
