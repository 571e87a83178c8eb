"""What the HTTP interface promises, as data: OpenAPI, the docs page and the tests are all made from it."""

from gateway.api.contract.everyone import EVERYONE
from gateway.api.contract.operation import Operation

OPERATIONS: tuple[Operation, ...] = (*EVERYONE,)
