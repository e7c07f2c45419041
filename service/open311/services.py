"""What can be reported: each kind of case is a service, and a service asks where it is and how much may be known of whom."""

from __future__ import annotations

from typing import NamedTuple

from domain.case.terms import Confidentiality, Kind
from domain.org import Org, Tier
from domain.refusals import NotFound
from service.open311.shapes import Attribute, Definition, Service, Value

Both = tuple[str, str]
"""In English and in Chinese."""


class ServiceText(NamedTuple):
    name: Both
    description: Both
    group: Both


HELP = ("Help", "求助")
OPINIONS = ("Questions and opinions", "咨询建议")
PETITIONS = ("Complaints and petitions", "投诉信访")

SERVICES: dict[Kind, ServiceText] = {
    Kind.EMERGENCY: ServiceText(
        ("Emergency", "紧急事项"), ("Life or property is in danger", "危及生命财产安全的事项"), HELP
    ),
    Kind.REQUEST: ServiceText(
        ("Request", "群众诉求"), ("A difficulty that somebody shall solve", "需要帮助解决的困难和问题"), HELP
    ),
    Kind.BENEFIT: ServiceText(
        ("Benefit", "救助申请"), ("An application for a benefit or for relief", "申请低保、临时救助等待遇"), HELP
    ),
    Kind.INQUIRY: ServiceText(("Inquiry", "咨询"), ("A question about rules or services", "政策和办事咨询"), OPINIONS),
    Kind.SUGGESTION: ServiceText(
        ("Suggestion", "意见建议"), ("How something could be better", "对工作的意见和建议"), OPINIONS
    ),
    Kind.COMPLAINT: ServiceText(
        ("Complaint", "投诉"),
        ("Something an office or official did, or did not do", "对单位或人员工作的投诉"),
        PETITIONS,
    ),
    Kind.ACCUSATION: ServiceText(
        ("Accusation", "检举控告"),
        (
            "Wrongdoing of an official; always sealed",
            "检举违纪违法行为，一律保密",
        ),
        PETITIONS,
    ),
    Kind.PETITION: ServiceText(
        ("Petition", "信访事项"),
        ("A petition, answered within the statutory time", "按法定期限办理的信访事项"),
        PETITIONS,
    ),
}

CHOICES: dict[Confidentiality, Both] = {
    Confidentiality.OPEN: ("who handles it may know", "承办人员可以知道"),
    Confidentiality.IDENTITY_HIDDEN: ("only who calls back may know", "仅回访人员可以知道"),
    Confidentiality.ANONYMOUS: ("nobody; no name is sent", "匿名，不填写姓名"),
}


def kind_of(service_code: str) -> Kind:
    try:
        return Kind(service_code)
    except ValueError:
        raise NotFound("there is no service with this service_code", "没有这个 service_code 对应的服务") from None


def service(kind: Kind, chinese: bool) -> Service:
    words = SERVICES[kind]
    return Service(
        service_code=kind,
        service_name=words.name[chinese],
        description=words.description[chinese],
        metadata=True,
        type="realtime",
        keywords=",".join(words.name),
        group=words.group[chinese],
    )


def definition(kind: Kind, org: Org, chinese: bool) -> Definition:
    """What may be told beyond what every request has. Nothing of it must be."""
    asked = {
        "title": (("The matter in a few words", "事项标题"), []),
        "village": (("In which village or community it is", "所属村（社区）"), villages(org)),
        "confidentiality": (
            ("Who may know who reports it", "谁可以知道反映人"),
            [Value(key=one, name=words[chinese]) for one, words in CHOICES.items()],
        ),
    }
    if kind is Kind.ACCUSATION:
        del asked["confidentiality"]
    attributes = [
        Attribute(
            variable=True,
            code=code,
            datatype="singlevaluelist" if values else "string",
            required=False,
            datatype_description=None,
            order=order,
            description=words[chinese],
            values=values,
        )
        for order, (code, (words, values)) in enumerate(asked.items(), start=1)
    ]
    return Definition(service_code=kind, attributes=attributes)


def villages(org: Org) -> list[Value]:
    places = [unit for unit in org.units.values() if unit.tier is Tier.VILLAGE and not unit.closed]
    return [Value(key=one.id, name=address(org, one.id) or one.name) for one in sorted(places, key=lambda one: one.id)]


def address(org: Org, village: str | None) -> str | None:
    """Where a village lies, from the nearest to the farthest."""
    units = [org.unit(one) for one in (village, *org.ancestors(village))] if village else []
    return ", ".join(unit.name for unit in units if unit) or None
