"""What the HTTP interface promises, as data: OpenAPI, the docs page and the tests are all made from it."""

from gateway.api.contract.audit import AUDIT
from gateway.api.contract.everyone import EVERYONE
from gateway.api.contract.federation import FEDERATION
from gateway.api.contract.operation import Operation
from gateway.api.contract.operations import OPERATING

OPERATIONS: tuple[Operation, ...] = (*FEDERATION, *OPERATING, *AUDIT, *EVERYONE)
