"""The wiring: the use cases of one gateway, put together over the ports they are given."""

from collections.abc import Mapping
from dataclasses import dataclass

from gateway.core.audit.note import LogKey
from gateway.core.forms import Form
from gateway.core.model import DocumentKind, Identity
from gateway.core.trust.algorithms import Signer
from gateway.core.trust.keys import PublicKey
from gateway.flow.activate import ActivateVersion, RetireVersion, RollBack, TakeStep
from gateway.flow.address import AddressDelivery
from gateway.flow.audit import ProveEntry, SearchEntries
from gateway.flow.bundle import ReadBundle
from gateway.flow.catalogue import PublishedItems
from gateway.flow.checkpoint import MakeCheckpoint
from gateway.flow.entries import WriteEntries
from gateway.flow.import_items import ImportItems
from gateway.flow.inspect import AdmitReader, ListItems, ReadApplication
from gateway.flow.judge import JudgeApplication, JudgeEvent
from gateway.flow.lease import LEASE_S, KeepLease
from gateway.flow.mirror_items import MirrorItems
from gateway.flow.offer_items import OfferItems
from gateway.flow.open import OpenEnvelope
from gateway.flow.operate import OperateAdapters
from gateway.flow.ports import (
    Adapters,
    Bench,
    Chance,
    Clock,
    Courier,
    Directory,
    FrontEnds,
    LastSigned,
    Reader,
    Store,
    Transport,
    Wakeup,
)
from gateway.flow.promise import MakePromise
from gateway.flow.read import ReadRegional
from gateway.flow.receive import ReceiveExchange
from gateway.flow.relay import RelayDeliveries
from gateway.flow.send import SendDeliveries
from gateway.flow.settle import SettleDelivery
from gateway.flow.tables.poll import PollFrontEnds
from gateway.flow.tables.rejections import ReadRejections
from gateway.flow.tables.take import TakeRows
from gateway.flow.tables.vouch import VouchForRow
from gateway.flow.tables.write import WriteRows
from gateway.flow.versions import ReadVersions, UploadVersion


@dataclass(frozen=True, kw_only=True, slots=True)
class Outside:
    """What the steps are made of; a test brings its own."""

    identity: Identity
    signer: Signer
    key: PublicKey  # the signer's public half
    log_key: LogKey
    log_signer: Signer
    signed: LastSigned
    store: Store
    directory: Directory
    adapters: Adapters
    bench: Bench
    forms: Mapping[DocumentKind, Form]
    courier: Courier
    front_ends: FrontEnds
    reader: Reader
    plain: Transport
    clock: Clock
    chance: Chance
    lease_s: float = LEASE_S


@dataclass(frozen=True, kw_only=True, slots=True)
class Steps:
    """The use cases of one gateway, wired."""

    receive: ReceiveExchange
    read_application: ReadApplication
    list_items: ListItems
    import_items: ImportItems
    search_entries: SearchEntries
    prove_entry: ProveEntry
    read_bundle: ReadBundle
    checkpoint: MakeCheckpoint
    lease: KeepLease
    relay: RelayDeliveries
    poll: PollFrontEnds
    offer_items: OfferItems
    mirror_items: MirrorItems
    operate_adapters: OperateAdapters
    entries: WriteEntries


def build_steps(outside: Outside) -> Steps:
    """Wire the use cases; nothing runs yet."""
    entries = WriteEntries(identity=outside.identity, clock=outside.clock, chance=outside.chance)
    lease = KeepLease(nodes=outside.store, lease_s=outside.lease_s)
    relay = _relay(outside, entries, lease)
    opener = OpenEnvelope(identity=outside.identity, directory=outside.directory, clock=outside.clock, wakeup=relay)
    admit = AdmitReader(open=opener, entries=entries, store=outside.store)
    checkpoint = MakeCheckpoint(
        key=outside.log_key,
        sign=outside.log_signer.sign,
        log=outside.store,
        clock=outside.clock,
        signed=outside.signed,
    )
    receive = _receive(outside, entries, opener, relay)
    return Steps(
        receive=receive,
        read_application=ReadApplication(admit=admit, store=outside.store),
        list_items=ListItems(admit=admit, store=outside.store),
        import_items=ImportItems(imports=outside.store, entries=entries, clock=outside.clock),
        search_entries=SearchEntries(admit=admit, entries=entries, store=outside.store),
        prove_entry=ProveEntry(log=outside.store, checkpoint=checkpoint),
        read_bundle=ReadBundle(admit=admit, entries=entries, store=outside.store),
        checkpoint=checkpoint,
        lease=lease,
        relay=relay,
        poll=_poll(outside, entries, receive, relay),
        offer_items=OfferItems(
            admit=admit, feed=outside.store, identity=outside.identity, signer=outside.signer, clock=outside.clock
        ),
        mirror_items=_mirror(outside, entries),
        operate_adapters=operate_adapters(outside.store, outside.bench, admit),
        entries=entries,
    )


def operate_adapters(store: Store, bench: Bench, admit: AdmitReader) -> OperateAdapters:
    """Wire what operators do with adapters."""
    take = TakeStep(versions=store, entries=admit.entries)
    return OperateAdapters(
        admit=admit,
        store=store,
        entries=admit.entries,
        put=UploadVersion(versions=store, bench=bench, entries=admit.entries),
        read=ReadVersions(versions=store, bench=bench),
        activating=ActivateVersion(versions=store, take=take),
        rolling_back=RollBack(versions=store, take=take),
        retiring=RetireVersion(versions=store, partners=store, take=take),
    )


def _mirror(outside: Outside, entries: WriteEntries) -> MirrorItems:
    return MirrorItems(
        identity=outside.identity,
        signer=outside.signer,
        reader=outside.reader,
        partners=outside.store,
        feed=outside.store,
        form=outside.forms[DocumentKind.SERVICE_ITEM],
        entries=entries,
        clock=outside.clock,
        chance=outside.chance,
    )


def _relay(outside: Outside, entries: WriteEntries, lease: KeepLease) -> RelayDeliveries:
    settle = SettleDelivery(identity=outside.identity, entries=entries, clock=outside.clock, chance=outside.chance)
    return RelayDeliveries(
        outbox=outside.store,
        directory=outside.directory,
        lease=lease,
        clock=outside.clock,
        chance=outside.chance,
        send=SendDeliveries(
            lease=lease,
            identity=outside.identity,
            signer=outside.signer,
            courier=outside.courier,
            clock=outside.clock,
            chance=outside.chance,
            settle=settle,
            adapters=outside.adapters,
            write_rows=WriteRows(front_ends=outside.front_ends, settle=settle),
            plain=outside.plain,
        ),
    )


def _poll(outside: Outside, entries: WriteEntries, receive: ReceiveExchange, relay: RelayDeliveries) -> PollFrontEnds:
    vouch = VouchForRow(
        identity=outside.identity, signer=outside.signer, key=outside.key, clock=outside.clock, chance=outside.chance
    )
    return PollFrontEnds(
        directory=outside.directory,
        adapters=outside.adapters,
        front_ends=outside.front_ends,
        take=TakeRows(store=outside.store, receive=receive, vouch=vouch, entries=entries, clock=outside.clock),
        rejections=ReadRejections(store=outside.store, entries=entries, clock=outside.clock),
        lease=relay.lease,
        wakeup=relay,
        clock=outside.clock,
        chance=outside.chance,
    )


def _receive(outside: Outside, entries: WriteEntries, opener: OpenEnvelope, wakeup: Wakeup) -> ReceiveExchange:
    return ReceiveExchange(
        open=opener,
        read=ReadRegional(adapters=outside.adapters, forms=outside.forms),
        promise=MakePromise(
            identity=outside.identity,
            signer=outside.signer,
            judge_application=JudgeApplication(
                form=outside.forms[DocumentKind.APPLICATION],
                items=PublishedItems(items=outside.store),
                directory=outside.directory,
            ),
            judge_event=JudgeEvent(
                form=outside.forms[DocumentKind.EVENT], exchanges=outside.store, directory=outside.directory
            ),
            address=AddressDelivery(identity=outside.identity, adapters=outside.adapters, chance=outside.chance),
            entries=entries,
            clock=outside.clock,
            chance=outside.chance,
        ),
        entries=entries,
        store=outside.store,
        wakeup=wakeup,
    )
