"""Refusing a file: why it cannot be evidence."""

from alignment_portal.refusals import Invalid


class FileRefused(Invalid):
    """This file cannot be evidence; the sentence says why and what to do."""

    code = "file_refused"


# The harmless file every virus scanner is tried with, in two parts so that this file is not taken for it.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD" + b"-ANTIVIRUS-TEST-FILE!$H+H*"


def refuse_malware(content: bytes) -> None:
    if EICAR in content:
        raise FileRefused(
            "A virus scanner's test pattern is in this file; it is treated as a virus.", code="malware"
        )
