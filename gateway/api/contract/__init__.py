"""What the HTTP interface promises, as data: OpenAPI, the docs page and the tests are all made from it."""

from gateway.api.contract.audit import AUDIT
from gateway.api.contract.everyone import EVERYONE
from gateway.api.contract.federation import FEDERATION
from gateway.api.contract.operation import Operation

OPERATIONS: tuple[Operation, ...] = (*FEDERATION, *AUDIT, *EVERYONE)
