"""`python -m gateway` is the `tongban` command."""

from gateway.cli.root import main

if __name__ == "__main__":
    main()
