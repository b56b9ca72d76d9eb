"""What is known of the products behind codes."""

from tongzhou.clinical import load_catalogue
from tongzhou.portal.models import MedicineCode

CODES_IN_PAGE = 1_000


def product_of(code: str) -> MedicineCode | None:
    """The product with these 7 digits of a trace code, or this GTIN of 14 digits."""
    return MedicineCode.objects.filter(code=code).first() if code else None


def catalogue_codes() -> dict[str, str]:
    """Code -> product of the catalogue, for the check on the phone: the newest 1,000 at most."""
    rows = MedicineCode.objects.exclude(catalogue_id="").order_by("-as_of", "code")
    pairs = rows.values_list("code", "catalogue_id")[:CODES_IN_PAGE]
    known = load_catalogue().products
    return {code: product for code, product in pairs if product in known}
