"""One more project of a township in 怀宁县, as people would bring it to its approval."""

from infra.scenario.client import Client

SECRETARY, REVIEWER = "340822100-township-secretary-1", "340822-reviewer-1"
TITLE = "高河镇“幸福食堂”"


async def one_more_project(client: Client, key: str) -> str:
    """Propose, submit and approve it; the same key again does nothing. Gives the project's id."""
    words = dict.fromkeys(("small", "hard", "exemplary", "doable"), "切口小、有难度、示范强、能落实")
    proposal = {
        "title": TITLE,
        "kind": "secretary",
        "category": "基层治理",
        "owner": "340822100",
        "county": "340822",
        "secretary": SECRETARY,
        "year": 2023,
        "criteria": words,
    }
    plan = {
        "goal": "年内开办一处",
        "measures": ["村民代表会议讨论通过"],
        "starts": "2023-08-23",
        "ends": "2023-11-30",
        "four_ones": {
            "project": TITLE,
            "secretary": SECRETARY,
            "team": [{"name": "王芳", "duty": "统筹"}],
            "to_the_end": "一抓到底",
        },
        "milestones": [{"id": "m1", "title": "开办", "due": "2023-11-30", "weight": "100"}],
    }
    proposed = await client.command(SECRETARY, "/registry/projects/propose", proposal, key=f"one-more-{key}")
    id: str = proposed["stream"].partition("-")[2]
    await client.command(SECRETARY, f"/registry/projects/{id}/submit-plan", plan, key=f"one-more-{key}-plan")
    await client.command(REVIEWER, f"/registry/projects/{id}/approve-plan", {}, key=f"one-more-{key}-approval")
    return id
