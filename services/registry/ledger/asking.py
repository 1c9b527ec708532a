"""A ledger in a request: the file that is its body or is in its form, and the jobs that this process works on."""

from fastapi import Request

from services.registry.ledger import importing
from services.registry.ledger.archive import PACKED
from services.registry.ledger.importing import Sent
from services.registry.ledger.jobs import Jobs
from shared.errors import BadRequest
from shared.http import read_body
from shared.kit import Kit
from shared.problem_texts import Language
from shared.web.uploads import ENVELOPE, is_upload, of_body

NAMELESS = "台账.xlsx"


def jobs_of(request: Request, kit: Kit) -> Jobs:
    """The jobs that the process which answers a request works on."""
    state = request.app.state
    if not hasattr(state, "ledger_jobs"):
        state.ledger_jobs = Jobs(kit.database)
    return state.ledger_jobs


async def sent_in(request: Request, kit: Kit, person: str, language: Language, name: str = "") -> Sent:
    """The file of a request, which is its body or the file of its form.

    Raises:
        Forbidden("not_allowed"), TooLarge("body_too_large"), BadRequest("no_file").
    """
    moment = await kit.moments.of(request.headers.get("guatu-now"))
    await importing.require_importer(kit, person, moment)
    content = await read_body(request, PACKED + ENVELOPE)
    if is_upload(request):
        _, file = await of_body(request, content)
        content, name = file.content, name or file.name
    if not content:
        raise BadRequest("no_file", "file")
    shown = "".join(each for each in name if each.isprintable()).strip()[-200:]
    return Sent(content, shown or NAMELESS, person, moment, language)
