"""What GeoReport v2 sends and answers, by its own names (wiki.open311.org/GeoReport_v2, and FixMyStreet's updates)."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from annotated_types import Ge, Le, MaxLen, MinLen
from pydantic import Field

from domain.case.terms import Confidentiality, Title
from domain.ids import Id


class Standing(StrEnum):
    """All that GeoReport tells apart: closed is what was settled, or what ended in another way."""

    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    specification: str
    url: str
    changeset: datetime
    type: str
    formats: list[str]


@dataclass(frozen=True, kw_only=True)
class Discovery:
    changeset: datetime
    contact: str
    key_service: str
    endpoints: list[Endpoint]


@dataclass(frozen=True, kw_only=True)
class Service:
    service_code: str
    service_name: str
    description: str
    metadata: bool
    type: str
    keywords: str
    group: str


@dataclass(frozen=True, kw_only=True)
class Value:
    key: str
    name: str


@dataclass(frozen=True, kw_only=True)
class Attribute:
    variable: bool
    code: str
    datatype: str
    required: bool
    datatype_description: str | None
    order: int
    description: str
    values: list[Value]


@dataclass(frozen=True, kw_only=True)
class Definition:
    service_code: str
    attributes: list[Attribute]


@dataclass(frozen=True, kw_only=True)
class Sent:
    """A request as a client sends it. The person's name, telephone number and email are only ever sealed."""

    service_code: Annotated[str, MaxLen(64)]
    lat: Annotated[float, Ge(-90), Le(90)] | None = None
    long: Annotated[float, Ge(-180), Le(180)] | None = None
    address_string: Annotated[str, MaxLen(500)] | None = None
    address_id: Id | None = None
    first_name: Annotated[str, MaxLen(99)] | None = None
    last_name: Annotated[str, MaxLen(99)] | None = None
    phone: Annotated[str, MinLen(3), MaxLen(32)] | None = None
    email: Annotated[str, MaxLen(254)] | None = None
    description: Annotated[str, MaxLen(4000)] = ""
    media_url: Annotated[str, MaxLen(1000)] | None = None
    title: Annotated[Title | None, Field(alias="attribute[title]")] = None
    village: Annotated[Id | None, Field(alias="attribute[village]")] = None
    confidentiality: Annotated[Confidentiality | None, Field(alias="attribute[confidentiality]")] = None


@dataclass(frozen=True, kw_only=True)
class Received:
    """What is answered to a report. The notice holds the code by which the citizen follows it."""

    service_request_id: str
    service_notice: str
    account_id: str | None = None


@dataclass(frozen=True, kw_only=True)
class ServiceRequest:
    service_request_id: str
    status: Standing
    status_notes: str
    service_name: str
    service_code: str
    description: str
    agency_responsible: str | None
    service_notice: str | None
    requested_datetime: datetime
    updated_datetime: datetime
    expected_datetime: datetime | None
    address: str | None
    address_id: str | None
    zipcode: str | None
    lat: float | None
    long: float | None
    media_url: str | None


@dataclass(frozen=True, kw_only=True)
class Update:
    """One change of a request, with the status it had from then on."""

    update_id: str
    service_request_id: str
    status: Standing
    updated_datetime: datetime
    description: str
    media_url: str | None = None


@dataclass(frozen=True, kw_only=True)
class SentUpdate:
    """What a client adds to a request. Its own id makes it the same thing when it is sent again."""

    service_request_id: Annotated[str, MaxLen(64)]
    update_id: Annotated[str, MinLen(1), MaxLen(200)]
    description: Annotated[str, MinLen(1), MaxLen(4000)]


@dataclass(frozen=True, kw_only=True)
class ReceivedUpdate:
    update_id: str


@dataclass(frozen=True, kw_only=True)
class Error:
    code: int
    description: str
