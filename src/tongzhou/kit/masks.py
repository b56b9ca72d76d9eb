"""How personal values are shown in lists: enough to recognise, too little to use."""


def mask_phone(phone: str) -> str:
    """138****1234: the first three and the last four digits; a short number keeps its last two."""
    digits = phone.strip()
    if len(digits) >= 11:
        return f"{digits[:-8]}****{digits[-4:]}"
    return "*" * max(len(digits) - 2, 0) + digits[-2:] if len(digits) > 2 else "*" * len(digits)


def mask_email(email: str) -> str:
    """z***@example.org: the first letter and the domain."""
    name, at, domain = email.strip().partition("@")
    return f"{name[:1]}***{at}{domain}" if at else mask_name(email)


def mask_name(name: str) -> str:
    """王**: the first character, and one star for each that follows (three at the most)."""
    text = name.strip()
    return text[:1] + "*" * min(max(len(text) - 1, 0), 3)
