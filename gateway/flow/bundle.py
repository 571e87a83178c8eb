"""What an auditor copies the log with: entries in C2SP tlog-tiles bundles."""

from dataclasses import dataclass

from gateway.core.audit.entry import EntryKind
from gateway.core.audit.paths import BundleId, encode_bundle
from gateway.core.audit.tiles import WIDTH
from gateway.core.errors import NotFoundError
from gateway.core.model import Envelope, PartnerKind
from gateway.flow.entries import WriteEntries, party
from gateway.flow.inspect import AdmitReader
from gateway.flow.ports import Store


@dataclass(frozen=True, kw_only=True, slots=True)
class ReadBundle:
    """Hand an auditor the entries of a bundle; hashes are open to all, but entries say who exchanged with whom."""

    admit: AdmitReader
    entries: WriteEntries
    store: Store

    async def __call__(self, envelope: Envelope, bundle: BundleId) -> bytes:
        """Return the bundle, as wide as asked for; the reading is logged before it is answered.

        Raises NotFoundError `tile_unknown` where the log has not grown to it.
        """
        reader = (await self.admit(envelope, PartnerKind.AUDITOR)).sender
        await self.store.log([self.entries.administered(EntryKind.LOG_READ, party(reader))])
        leaves = await self.store.leaves(bundle.index * WIDTH, bundle.width)
        if len(leaves) < bundle.width:
            raise NotFoundError("the log has not grown to that tile", code="tile_unknown")
        return encode_bundle(leaves)
