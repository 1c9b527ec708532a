"""Campaigns, inspections of units, brands."""

from dataclasses import replace
from datetime import date

import pytest
from pydantic import ValidationError

from services.registry.around.brand import brand_id
from services.registry.around.campaign import CAMPAIGN, Campaign, CampaignFacts
from services.registry.around.inspection import UnitInspectionFacts
from services.registry.around.place import Place
from services.registry.commands.campaigns import InspectUnit, OpenCampaign, RecogniseBrand
from services.registry.project.life import PROJECT
from services.registry.project.state import Project
from services.registry.reference.person import PERSON, Person
from shared.contracts.progress import CampaignKind, UnitInspected
from shared.contracts.project import BrandRecognised
from shared.field_errors import field_errors
from tests.unit.registry.builders import CAMPAIGN_ID, COUNTY, TOWNSHIP, appointed, opened, person, proposed
from tests.unit.registry.dsl import ID, INSPECTOR, REVIEWER, folded, given

GROUPS = opened().groups


def open_campaign(groups: tuple[object, ...] = GROUPS) -> OpenCampaign:
    return OpenCampaign.model_validate(
        {"name": "中期评估", "kind": CampaignKind.MID_TERM, "county": COUNTY, "year": 2023, "groups": groups}
    )


def test_a_campaign_is_opened_once_with_its_groups():
    given().when(open_campaign(), by=REVIEWER, id=CAMPAIGN_ID).then(opened())
    given(opened()).when(open_campaign(), by=REVIEWER, id=CAMPAIGN_ID).then_refused("campaign_exists")


@pytest.mark.parametrize("id", ["mid-term", "340822-Mid Term", "340822-", "340822", f"340822-{'x' * 58}"])
def test_a_campaigns_id_is_its_countys_code_and_a_slug(id: str):
    given().when(open_campaign(), by=REVIEWER, id=id).then_refused("not_a_campaign_id")


def test_no_county_takes_the_campaigns_id_of_another():
    outcome = given().when(open_campaign(), by=REVIEWER, id="340825-mid-term")
    outcome.then_refused("not_the_campaigns_id", county=COUNTY)


def test_groups_have_ids_of_their_own():
    given().when(open_campaign((GROUPS[0], GROUPS[0])), by=REVIEWER, id=CAMPAIGN_ID).then_refused("groups_share_an_id")


KNOWN = UnitInspectionFacts(CampaignFacts(folded(CAMPAIGN, opened()), here=True), Place(COUNTY), Person())


def inspect_unit(group: str = "g1") -> InspectUnit:
    return InspectUnit(campaign=CAMPAIGN_ID, group=group, unit=TOWNSHIP, county=COUNTY, note="看台账")


def test_a_group_inspects_a_unit():
    expected = UnitInspected(campaign=CAMPAIGN_ID, group="g1", unit=TOWNSHIP, county=COUNTY, note="看台账")
    given().when(inspect_unit(), by=INSPECTOR, knowing=KNOWN).then(expected)


def test_the_inspected_unit_lies_in_the_county():
    elsewhere = UnitInspectionFacts(KNOWN.campaign, Place("340825"), Person())
    given().when(inspect_unit(), by=INSPECTOR, knowing=elsewhere).then_refused("unit_of_another_county")


def test_only_a_member_of_the_campaigns_group_inspects_a_unit():
    given().when(inspect_unit(), by="inspector-3", knowing=KNOWN).then_refused("not_of_the_group")
    given().when(inspect_unit("g9"), by=INSPECTOR, knowing=KNOWN).then_refused("no_such_group")
    no_campaign = UnitInspectionFacts(CampaignFacts(Campaign(), here=True), Place(COUNTY), Person())
    given().when(inspect_unit(), by=INSPECTOR, knowing=no_campaign).then_refused("no_such_campaign")


def test_the_campaign_is_one_of_the_county_that_the_unit_lies_in():
    elsewhere = replace(KNOWN, campaign=replace(KNOWN.campaign, here=False))
    given().when(inspect_unit(), by=INSPECTOR, knowing=elsewhere).then_refused("campaign_of_another_county")


def test_nobody_inspects_a_unit_at_which_he_or_she_holds_a_post():
    secretary = folded(PERSON, person(), appointed())
    own = UnitInspectionFacts(KNOWN.campaign, Place(COUNTY), secretary)
    given().when(inspect_unit(), by=INSPECTOR, knowing=own).then_refused("inspects_own_unit")
    before = date(2021, 12, 31)
    assert given().when(inspect_unit(), by=INSPECTOR, knowing=own, today=before).refused is None


def recognise(project: str | None = None) -> RecogniseBrand:
    return RecogniseBrand(name="红色物业", unit=TOWNSHIP, county=COUNTY, project=project)


def brand(project: str | None = None) -> BrandRecognised:
    return BrandRecognised(name="红色物业", unit=TOWNSHIP, county=COUNTY, project=project)


def test_a_brand_is_recognised_for_a_unit():
    given().when(recognise(), by=REVIEWER, knowing=Place(COUNTY, None)).then(brand())


def test_a_brand_is_recognised_for_a_project_of_the_county():
    facts = Place(COUNTY, folded(PROJECT, proposed()))
    given().when(recognise(ID), by=REVIEWER, knowing=facts).then(brand(ID))


def test_a_brand_is_recognised_once():
    again = given(brand()).when(recognise(), by=REVIEWER, knowing=Place(COUNTY, None))
    again.then_refused("brand_exists", "name", unit=TOWNSHIP, name="红色物业")


def test_a_brand_is_one_name_of_one_unit():
    assert brand_id(recognise()) == brand_id(recognise(ID))
    others = (recognise().model_copy(update=each) for each in ({"name": "红色驿站"}, {"unit": COUNTY}))
    assert len({brand_id(recognise()), *map(brand_id, others)}) == 3


@pytest.mark.parametrize(
    "name", ["红色 A站", "红色\u3000a站", "红色Ａ站", "红色\u200bA站", "红色\ufe00A站", "红色\nA站", "\ufeff红色A站"]
)
def test_a_brand_s_name_is_the_same_in_another_width_or_case_and_with_blanks(name: str):
    first = recognise().model_copy(update={"name": "红色A站"})
    assert brand_id(first.model_copy(update={"name": name})) == brand_id(first)


@pytest.mark.parametrize("code", ["340800", TOWNSHIP, f"{COUNTY}-D0001"])
def test_a_campaign_an_inspection_and_a_brand_name_the_code_of_a_county(code: str):
    for command in (open_campaign(), inspect_unit(), recognise()):
        with pytest.raises(ValidationError) as refused:
            type(command).model_validate(command.model_dump() | {"county": code})
        [error] = field_errors(refused.value.errors(), "zh")
        assert (error["field"], error["detail"]) == ("county", f"{code} 不是县（市、区）的编码。")


def test_a_brands_unit_lies_in_the_county():
    given().when(recognise(), by=REVIEWER, knowing=Place(None, None)).then_refused("unit_of_another_county")


def test_a_brands_project_exists_and_is_one_of_the_unit_whichever_county_approved_it():
    given().when(recognise(ID), by=REVIEWER, knowing=Place(COUNTY, Project())).then_refused("no_such_project")
    approved_elsewhere = folded(PROJECT, proposed().model_copy(update={"county": "340825"}))
    assert given().when(recognise(ID), by=REVIEWER, knowing=Place(COUNTY, approved_elsewhere)).refused is None
    of_others = Place(COUNTY, folded(PROJECT, proposed()), its_own=False)
    refused = given().when(recognise(ID), by=REVIEWER, knowing=of_others)
    refused.then_refused("project_of_another_unit", "project", unit=TOWNSHIP)
