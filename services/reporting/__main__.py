"""`python -m services.reporting`"""

from services.reporting.app import SERVICE
from shared.service import main

if __name__ == "__main__":
    main(SERVICE)
