"""What the log says of each step: ids, codes and salted commitments, never a word of the document."""

from dataclasses import dataclass, replace

from gateway.core.audit.entry import Entry, EntryKind, Outcome, Party, commitment
from gateway.core.audit.forms import fits
from gateway.core.conversion.adapter import Adapter
from gateway.core.conversion.versions import AdapterVersion
from gateway.core.errors import RejectedError
from gateway.core.model import Application, Delivery, Identity, Partner
from gateway.flow.open import Opened
from gateway.flow.ports import Chance, Clock, ImportProgress, SaltedEntry
from gateway.flow.read import Arrival

VOUCHED = "vouched_for"  # the role of a system whose rows this gateway read and signed for: `key_id` is our own


@dataclass(frozen=True, kw_only=True, slots=True)
class ListRead:
    """A file of items, and by which adapter it was read."""

    adapter: Adapter
    digest: str  # SHA-256 of the file, in hexadecimal: what the log commits to
    size: int  # in bytes


def _fitting(field: str, value: str | None) -> str:
    """Return a value that a partner chose, or "" where it is not of the form that its field in the log has."""
    return value if value and fits(field, value) else ""


def party(partner: Partner) -> Party:
    """Return a partner as the log names it."""
    return Party(partner=partner.id, region=partner.regions[0] if partner.regions else "")


@dataclass(frozen=True, kw_only=True, slots=True)
class WriteEntries:
    """Make the entries of this gateway's log."""

    identity: Identity
    clock: Clock
    chance: Chance

    @property
    def us(self) -> Party:
        """Ourselves, as the log names us."""
        return Party(partner=self.identity.id, region=self.identity.region)

    def received(
        self,
        entry: str,
        *,
        opened: Opened,
        arrival: Arrival,
        application: Application,
        destination: Partner,
        receipt: str,
        losses: int,
    ) -> SaltedEntry:
        """Return the entry of an exchange that was taken, and of the relay it promises: written before any send."""
        salt = self.chance.salt()
        provenance = arrival.provenance
        return SaltedEntry(
            salt=salt,
            entry=Entry(
                id=entry,
                kind=EntryKind.EXCHANGE_RECEIVED,
                outcome=Outcome.ACCEPTED,
                occurred_at=opened.envelope.received_at,
                recorded_at=self.clock.now(),
                exchange=arrival.exchange,
                number=application.number,
                exchange_kind=arrival.kind,
                source=party(opened.sender),
                destination=party(destination),
                role=VOUCHED if opened.vouched else "",
                item_code=_fitting("item_code", application.item_code),
                adapter=provenance.adapter,
                adapter_version=provenance.adapter_version,
                mapping_digest=provenance.mapping_digest,
                purpose=_fitting("purpose", opened.claims.purpose),
                agreement=_fitting("agreement", opened.claims.agreement),
                key_id=opened.claims.key_id,
                request_bytes=len(arrival.body),
                losses=losses or None,
                request_commitment=commitment("request", salt, arrival.body),
                receipt_commitment=commitment("receipt", salt, receipt.encode()),
            ),
        )

    def refused(
        self, error: RejectedError, *, body: bytes, opened: Opened | None = None, exchange: str = "", number: str = ""
    ) -> SaltedEntry:
        """Return the entry of a refusal; a sender that is not proved is not named."""
        salt = self.chance.salt()
        now = self.clock.now()
        return SaltedEntry(
            salt=salt,
            entry=Entry(
                id=self.chance.uuid7(),
                kind=EntryKind.EXCHANGE_REFUSED,
                outcome=Outcome.REFUSED,
                code=error.code,
                occurred_at=opened.envelope.received_at if opened else now,
                recorded_at=now,
                exchange=_fitting("exchange", exchange),
                number=_fitting("number", number),
                source=party(opened.sender) if opened else None,
                role=VOUCHED if opened and opened.vouched else "",
                destination=self.us,
                key_id=opened.claims.key_id if opened else "",
                request_bytes=len(body),
                request_commitment=commitment("request", salt, body),
            ),
        )

    def settled(self, delivery: Delivery, destination: Partner, receipt: str) -> SaltedEntry:
        """Return the entry of a delivery that the partner receipted."""
        salt = self.chance.salt()
        sealed = commitment("receipt", salt, receipt.encode())
        return SaltedEntry(salt=salt, entry=self._relayed(delivery, destination, "", receipt_commitment=sealed))

    def written(self, delivery: Delivery, destination: Partner, rows: bytes) -> SaltedEntry:
        """Return the entry of a delivery whose rows stand in the destination's database: it commits to all of them."""
        salt = self.chance.salt()
        sealed = commitment("rows", salt, rows)
        return SaltedEntry(salt=salt, entry=self._relayed(delivery, destination, "", request_commitment=sealed))

    def rejected(self, found: bytes, destination: Partner, code: str, delivery: Delivery | None) -> SaltedEntry:
        """Return the entry of a row in which a region rejects rows of ours, or of nobody that we know."""
        now = self.clock.now()
        salt = self.chance.salt()
        return SaltedEntry(
            salt=salt,
            entry=Entry(
                id=self.chance.uuid7(),
                kind=EntryKind.DELIVERY_REJECTED if delivery else EntryKind.REJECTION_UNMATCHED,
                outcome=Outcome.REFUSED,
                code=code,
                occurred_at=now,
                recorded_at=now,
                exchange=delivery.exchange if delivery else "",
                number=delivery.subject if delivery else "",
                exchange_kind=delivery.kind if delivery else "",
                source=party(destination),
                destination=self.us,
                response_commitment=commitment("rejection", salt, found),
            ),
        )

    def answered(self, delivery: Delivery, destination: Partner, answer: bytes) -> SaltedEntry:
        """Return the entry of a delivery that a system accepted without signing anything.

        That it commits to a response and to no receipt says so.
        """
        salt = self.chance.salt()
        relayed = self._relayed(delivery, destination, "")
        sealed = commitment("response", salt, answer)
        return SaltedEntry(salt=salt, entry=replace(relayed, response_commitment=sealed, response_bytes=len(answer)))

    def dead(self, delivery: Delivery, destination: Partner, code: str) -> SaltedEntry:
        """Return the entry of a delivery given up; the code may be the partner's own word."""
        known = _fitting("code", code) or "refused_by_partner"
        return SaltedEntry(entry=self._relayed(delivery, destination, known))

    def revived(self, delivery: Delivery) -> SaltedEntry:
        """Return the entry of an operator sending a dead delivery on its way again."""
        now = self.clock.now()
        return SaltedEntry(
            entry=Entry(
                id=self.chance.uuid7(),
                kind=EntryKind.DELIVERY_REVIVED,
                outcome=Outcome.ACCEPTED,
                occurred_at=now,
                recorded_at=now,
                exchange=delivery.exchange,
                number=delivery.subject,
                exchange_kind=delivery.kind,
                source=self.us,
                destination=Party(partner=delivery.destination),
            )
        )

    def administered(self, kind: EntryKind, subject: Party | None = None) -> SaltedEntry:
        """Return the entry of something an operator or an auditor did: a registration, an import, a reading."""
        now = self.clock.now()
        return SaltedEntry(
            entry=Entry(
                id=self.chance.uuid7(),
                kind=kind,
                outcome=Outcome.ACCEPTED,
                occurred_at=now,
                recorded_at=now,
                source=self.us,
                destination=subject,
            )
        )

    def restored(self, *, size: int, signed: int) -> SaltedEntry:
        """Return the entry of an operator going on with an older store: what stood behind `size` is lost."""
        said = self.administered(EntryKind.STORE_RESTORED)
        return replace(said, entry=replace(said.entry, log_size=size, log_signed=signed))

    def retired(self, kind: EntryKind, *, before: str, size: int, root: str, archived: str, role: str) -> SaltedEntry:
        """Return the entry of a retirement: up to where, with which root, and what was archived first, if anything."""
        done = self.administered(kind)
        entry = replace(
            done.entry,
            role=role,
            retired_before=before,
            retired_size=size,
            retired_root=root,
            archive_digest=archived,
        )
        return replace(done, entry=entry)

    def adapted(self, kind: EntryKind, version: AdapterVersion, by: Party) -> SaltedEntry:
        """Return the entry of a step in the life of an adapter's version."""
        now = self.clock.now()
        return SaltedEntry(
            entry=Entry(
                id=self.chance.uuid7(),
                kind=kind,
                outcome=Outcome.ACCEPTED,
                occurred_at=now,
                recorded_at=now,
                source=by,
                destination=self.us,
                adapter=version.layout,
                adapter_version=version.version,
                mapping_digest=version.digest,
            )
        )

    def import_begun(self, given: ListRead) -> SaltedEntry:
        """Return the entry of an import that begins: what it keeps from here on is in the catalogue, ended or not."""
        return self._imported(EntryKind.ITEM_IMPORT_BEGUN, given)

    def import_finished(self, given: ListRead, done: ImportProgress) -> SaltedEntry:
        """Return the entry of an import that came to its end, with what it did."""
        begun = self._imported(EntryKind.ITEMS_IMPORTED, given)
        entry = replace(
            begun.entry,
            items_added=done.added,
            items_changed=done.changed,
            items_unchanged=done.unchanged,
            items_ended=done.ended,
            items_faulty=done.faulty,
        )
        return replace(begun, entry=entry)

    def _imported(self, kind: EntryKind, given: ListRead) -> SaltedEntry:
        salt, now = self.chance.salt(), self.clock.now()
        entry = Entry(
            id=self.chance.uuid7(),
            kind=kind,
            outcome=Outcome.ACCEPTED,
            occurred_at=now,
            recorded_at=now,
            source=self.us,
            adapter=given.adapter.name,
            adapter_version=given.adapter.version,
            mapping_digest=given.adapter.digest,
            request_bytes=given.size,
            request_commitment=commitment("request", salt, given.digest.encode()),
        )
        return SaltedEntry(entry=entry, salt=salt)

    def _relayed(
        self,
        delivery: Delivery,
        destination: Partner,
        code: str,
        *,
        receipt_commitment: str = "",
        request_commitment: str = "",
    ) -> Entry:
        now = self.clock.now()
        return Entry(
            id=self.chance.uuid7(),
            kind=EntryKind.DELIVERY_DEAD if code else EntryKind.DELIVERY_SETTLED,
            outcome=Outcome.FAILED if code else Outcome.ACCEPTED,
            code=code,
            occurred_at=now,
            recorded_at=now,
            exchange=delivery.exchange,
            number=delivery.subject,
            exchange_kind=delivery.kind,
            source=self.us,
            destination=party(destination),
            request_bytes=len(delivery.body),
            receipt_commitment=receipt_commitment,
            request_commitment=request_commitment,
        )
