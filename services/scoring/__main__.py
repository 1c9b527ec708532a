"""`python -m services.scoring`"""

from services.scoring.app import service
from shared.service import main

if __name__ == "__main__":
    main(service, __package__)
