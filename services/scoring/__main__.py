"""`python -m services.scoring`"""

from services.scoring.app import SERVICE
from shared.service import main

if __name__ == "__main__":
    main(SERVICE)
