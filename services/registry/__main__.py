"""`python -m services.registry`"""

from services.registry.app import SERVICE
from shared.service import main

if __name__ == "__main__":
    main(SERVICE)
