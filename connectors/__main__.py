"""`python -m connectors`: write the README's table of connectors anew."""

from connectors.overview import write
from connectors.settings import REPOSITORY

if __name__ == "__main__":
    print(f"README.md: {'written anew' if write(REPOSITORY / 'README.md') else 'as it was'}")
