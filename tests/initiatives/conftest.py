from tests.initiatives.cast import people

__all__ = ["people"]
