"""Texts that requests bring, with their limits: kinds that several addresses share."""

from typing import Annotated, Final

from controller.web.api.shapes import Many, Text, Whole

_ID: Final = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"

# Any id that the register may hold; of what is new, `NewId` and `NewPersonId`.
Id = Annotated[str, Text(most=64)]
NewId = Annotated[str, Text(most=64, pattern=_ID)]
# Visitors' ids begin with a V, and nobody else's do.
NewPersonId = Annotated[str, Text(most=64, pattern=r"^[A-UW-Za-z0-9][A-Za-z0-9._-]*$")]
VisitorId = Annotated[str, Text(most=64, pattern=r"^V[A-Za-z0-9._-]*$")]
Name = Annotated[str, Text(most=100)]
NameOrNone = Annotated[str, Text(most=100, least=0)]
Sentence = Annotated[str, Text(most=500)]
SentenceOrNone = Annotated[str, Text(most=500, least=0)]
Ids = Annotated[tuple[Id, ...], Many(most=50)]
SomeIds = Annotated[tuple[Id, ...], Many(least=1, most=50)]
Number = Annotated[int, Whole()]
Limit = Annotated[int, Whole(least=1, most=200)]
