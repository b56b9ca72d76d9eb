"""Money of a fund, in RMB fen: what was promised, what came, what is bound, what was bought."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

MOST_FEN = 10**15


class SupplyRefused(ValueError):
    """A change of a fund, an order or a lot that cannot be made; the text says what to do."""


@dataclass(frozen=True, slots=True)
class FundMoney:
    """All in fen. Committed: lines of orders that are placed. Spent: delivered units x price."""

    pledged_fen: int = 0
    received_fen: int = 0
    committed_fen: int = 0
    spent_fen: int = 0

    @property
    def unspent_fen(self) -> int:
        """Money that came and has not yet bought anything delivered."""
        return self.received_fen - self.spent_fen

    @property
    def free_fen(self) -> int:
        """Money that came and is not bound by an order: what a new order may commit."""
        return self.received_fen - self.committed_fen

    @property
    def bound_fen(self) -> int:
        """Money that orders bind for goods that have not come yet."""
        return self.committed_fen - self.spent_fen

    @property
    def whole_fen(self) -> int:
        """The length of the bar that shows all the others."""
        return max(self.pledged_fen, self.received_fen)

    @property
    def awaited_fen(self) -> int:
        """Money pledged that has not come; never negative when more came than was pledged."""
        return max(0, self.pledged_fen - self.received_fen)


def refuse_over_commitment(name: str, money: FundMoney, wanted_fen: int) -> None:
    """An order commits only money that has arrived. A pledge buys nothing: the producer is owed
    real money, and the public sees committed beside received."""
    if wanted_fen > money.free_fen:
        raise SupplyRefused(
            _(
                "Fund %(fund)s has %(free)s yuan free (received %(received)s, committed"
                " %(committed)s), and this order needs %(wanted)s. Confirm the receipt of more"
                " money first, or order less."
            )
            % {
                "fund": name,
                "free": yuan(money.free_fen),
                "received": yuan(money.received_fen),
                "committed": yuan(money.committed_fen),
                "wanted": yuan(wanted_fen),
            }
        )


def yuan(fen: int) -> str:
    """Fen as yuan in a sentence: 1,250,000 or 12.50."""
    whole, rest = divmod(abs(fen), 100)
    sign = "-" if fen < 0 else ""
    return f"{sign}{whole:,}" + (f".{rest:02d}" if rest else "")
