"""What people read when the registry refuses: the texts of all its rooms."""

from services.registry.around.texts import TEXTS as AROUND
from services.registry.asking.texts import TEXTS as ASKING
from services.registry.kept.texts import TEXTS as KEPT
from services.registry.ledger.texts import TEXTS as LEDGER
from services.registry.project.texts import TEXTS as PROJECT
from services.registry.reference.texts import TEXTS as REFERENCE

TEXTS = {**REFERENCE, **PROJECT, **AROUND, **ASKING, **KEPT, **LEDGER}
