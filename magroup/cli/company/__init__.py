"""The company file: the whole configuration as one TOML file."""

from magroup.cli.company.company import Company, CompanyError
from magroup.cli.company.reading import read_company
from magroup.cli.company.writing import write_company

__all__ = ["Company", "CompanyError", "read_company", "write_company"]
