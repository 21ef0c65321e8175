"""Sizes as a person reads them."""


def gigabytes(size: float) -> str:
    """Write a size in bytes: GB of 10^9 bytes, MB below one."""
    return f"{size / 1e9:.2f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"
