"""`python -m backend`: the `reperes` command."""

from backend.cli import main

if __name__ == "__main__":
    main()
