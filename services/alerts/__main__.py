"""`python -m services.alerts`"""

from services.alerts.app import SERVICE
from shared.service import main

if __name__ == "__main__":
    main(SERVICE)
