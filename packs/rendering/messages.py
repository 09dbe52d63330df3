"""What the process that builds a pack and those that help it say to each other, as MessagePack over a pair of sockets."""

from datetime import datetime

import msgspec

from packs.rendering.numbering import Place


class Task(msgspec.Struct, tag=True, frozen=True):
    html: str
    elsewhere: tuple[str, ...]
    number: int
    moment: datetime


class LaidOut(msgspec.Struct, tag=True, frozen=True):
    """So many pages so far; for those who wait."""

    pages: int


class Counted(msgspec.Struct, tag=True, frozen=True):
    pages: int


class Placed(msgspec.Struct, tag=True, frozen=True):
    place: Place


class Found(msgspec.Struct, tag=True, frozen=True):
    """On which page of the whole each anchor of the part is."""

    anchors: dict[str, int]


class Made(msgspec.Struct, tag=True, frozen=True):
    body: bytes
    refused: tuple[str, ...]


class Failed(msgspec.Struct, tag=True, frozen=True):
    """The part cannot be laid out, and why; or there was no memory left for it."""

    fault: str
    of_memory: bool = False


Message = Task | LaidOut | Counted | Placed | Found | Made | Failed
encode = msgspec.msgpack.Encoder().encode
_decoder: msgspec.msgpack.Decoder[Message] = msgspec.msgpack.Decoder(Message)
decode = _decoder.decode
