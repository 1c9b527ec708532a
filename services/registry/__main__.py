"""`python -m services.registry`"""

from services.registry.app import service
from shared.service import main

if __name__ == "__main__":
    main(service, __package__)
