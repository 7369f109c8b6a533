"""What goes out to doors: signed with the controller's key, each to its own topic.

Everything signed travels as one document in a frame (`wire.frame`). All methods raise
`LinkDown` while there is no broker; what was to be sent stays with the caller.
"""

from dataclasses import dataclass

from domain.commands import Command
from domain.ids import DoorId, SiteId
from domain.journal import Tip
from wire import frame, json_v1, presence, topics
from wire.codec import Digest
from wire.envelope import sign
from wire.link import Link
from wire.messages import Ack, PresenceSnapshot
from wire.roster_parts import PackedRoster
from wire.sealing import SigningKey


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    site: SiteId
    key: SigningKey
    link: Link

    async def ack(self, door: DoorId, tip: Tip) -> None:
        """Retained: a door that lost its disk goes on behind it."""
        ack = Ack(site=self.site, door=door, seq=tip.seq, digest=Digest(tip.digest))
        await self._publish(
            topics.ack(self.site, door), json_v1.to_bytes(ack), retain=True
        )

    async def command(self, command: Command) -> None:
        """Never retained: a command is for now or not at all."""
        await self._publish(
            topics.commands(self.site, command.door), json_v1.to_bytes(command)
        )

    async def presence(self, snapshot: PresenceSnapshot) -> None:
        """Not retained: it counts only as long as it is fresh."""
        topic = topics.presence(self.site, snapshot.door)
        await self.link.publish(topic, presence.pack(snapshot, self.key))

    async def roster(self, door: DoorId, packed: PackedRoster, *, parts: int) -> None:
        """Parts first, the manifest last; `parts` lay there before, surplus ones go."""
        for index, part in enumerate(packed.parts):
            topic = topics.roster(self.site, door, index)
            await self.link.publish(topic, part, retain=True)
        topic = topics.roster(self.site, door, topics.MANIFEST)
        await self.link.publish(topic, packed.manifest, retain=True)
        for index in range(len(packed.parts), parts):
            topic = topics.roster(self.site, door, index)
            await self.link.publish(topic, b"", retain=True)

    async def _publish(
        self, topic: str, document: bytes, *, retain: bool = False
    ) -> None:
        payload = frame.pack([sign(self.key, document)])
        await self.link.publish(topic, payload, retain=retain)
