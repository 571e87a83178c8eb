"""What operators do with adapters from outside; auditors look on. Whatever is refused is logged under who asked."""

from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any, TypeVar

import msgspec

from gateway.core.conversion.versions import AdapterVersion
from gateway.core.errors import Fault, MalformedDocumentError, RejectedError
from gateway.core.model import Envelope, PartnerKind
from gateway.flow.activate import ActivateVersion, RetireVersion, RollBack
from gateway.flow.entries import WriteEntries, party
from gateway.flow.inspect import AdmitReader
from gateway.flow.open import Opened
from gateway.flow.ports import Store
from gateway.flow.versions import ReadVersions, Shown, Uploaded, UploadVersion

_T = TypeVar("_T")


class _Encoded(msgspec.Struct, forbid_unknown_fields=True):
    base64: bytes  # msgspec reads base64 where bytes are wanted


class _Upload(msgspec.Struct, forbid_unknown_fields=True):
    files: dict[str, str | _Encoded]


@dataclass(frozen=True, kw_only=True, slots=True)
class OperateAdapters:
    """Let proved operators decide over adapters; a token counts once, and every step can be repeated."""

    admit: AdmitReader
    store: Store
    entries: WriteEntries
    put: UploadVersion
    read: ReadVersions
    activating: ActivateVersion
    rolling_back: RollBack
    retiring: RetireVersion

    async def upload(self, envelope: Envelope) -> Uploaded:
        """Judge and keep what the body holds; raises MalformedDocumentError, and as `UploadVersion`."""
        opened = await self.admit(envelope, PartnerKind.OPERATOR)
        return await self._logged(opened, self._put(opened))

    async def activate(self, envelope: Envelope, layout: str, version: str) -> AdapterVersion:
        """Let a version serve; raises as `ActivateVersion`."""
        opened = await self.admit(envelope, PartnerKind.OPERATOR)
        return await self._logged(opened, self.activating(layout, version, party(opened.sender)))

    async def roll_back(self, envelope: Envelope, layout: str) -> AdapterVersion:
        """Let the version before serve; raises as `RollBack`."""
        opened = await self.admit(envelope, PartnerKind.OPERATOR)
        return await self._logged(opened, self.rolling_back(layout, party(opened.sender)))

    async def retire(self, envelope: Envelope, layout: str, version: str) -> AdapterVersion:
        """Take a version out of service; raises as `RetireVersion`."""
        opened = await self.admit(envelope, PartnerKind.OPERATOR)
        return await self._logged(opened, self.retiring(layout, version, party(opened.sender)))

    async def all(self, envelope: Envelope, layout: str) -> tuple[AdapterVersion, ...]:
        """Return every version, of a layout where one is named."""
        await self._look(envelope)
        return await self.read.all(layout)

    async def one(self, envelope: Envelope, layout: str, version: str) -> Shown:
        """Return a version with its report and history."""
        await self._look(envelope)
        return await self.read.one(layout, version)

    async def files(self, envelope: Envelope, layout: str, version: str) -> dict[str, bytes]:
        """Return the files of a version."""
        await self._look(envelope)
        return await self.read.files(layout, version)

    async def changes(self, envelope: Envelope, layout: str, old: str, new: str) -> dict[str, Any]:
        """Return what changed from one version to another."""
        await self._look(envelope)
        return await self.read.compare(layout, old, new)

    async def _look(self, envelope: Envelope) -> None:
        await self.admit(envelope, PartnerKind.OPERATOR, PartnerKind.AUDITOR)

    async def _put(self, opened: Opened) -> Uploaded:
        return await self.put(_files(opened.envelope.body), party(opened.sender))

    async def _logged(self, opened: Opened, work: Awaitable[_T]) -> _T:
        try:
            return await work
        except RejectedError as error:
            await self.store.log([self.entries.refused(error, body=opened.envelope.body, opened=opened)])
            raise


def _files(body: bytes) -> dict[str, bytes]:
    """Return the files of an upload: text as UTF-8, anything else in base64."""
    try:
        upload = msgspec.json.decode(body, type=_Upload)
        return {name: one.encode() if isinstance(one, str) else one.base64 for name, one in upload.files.items()}
    except (msgspec.DecodeError, UnicodeError, RecursionError):  # a lone surrogate is no text
        raise _malformed() from None


def _malformed() -> MalformedDocumentError:
    fault = Fault(
        pointer="/files",
        code="upload_malformed",
        message="the upload is not a JSON object of files",
        message_zh="上传内容不是文件集合的 JSON 对象",
        expected='{"files": {path: text, or {"base64": text}}}',
    )
    return MalformedDocumentError(fault.message, code=fault.code, faults=(fault,))
